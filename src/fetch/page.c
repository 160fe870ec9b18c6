/* The next page of a list of referrers: credentials go with it, so that it must be the same registry's and of the same list. */
#include <stdlib.h>
#include <string.h>

#include "fetch/transfer_priv.h"

static bool path_is_ours(const struct transfer *t, const char *url)
{
        CURLU *u = curl_url();
        char *path = NULL, *user = NULL, *fragment = NULL;
        bool ok = u && curl_url_set(u, CURLUPART_URL, url, CURLU_PATH_AS_IS) == CURLUE_OK &&
                  curl_url_get(u, CURLUPART_PATH, &path, 0) == CURLUE_OK &&
                  curl_url_get(u, CURLUPART_USER, &user, 0) != CURLUE_OK &&
                  curl_url_get(u, CURLUPART_FRAGMENT, &fragment, 0) != CURLUE_OK &&
                  link_path_check(span_of(path), span_of(t->repository));

        curl_free(path);
        curl_free(user);
        curl_free(fragment);
        curl_url_cleanup(u);
        return ok;
}

bool transfer_page_check(struct transfer *t, const char *url)
{
        char own[FETCH_URL_MAX], shown[200];
        int n =
            snprintf(own, sizeof(own), "%s://%s/", t->session->plain_http ? "http" : "https", fetch_api_host(t->host));

        return (n > 0 && (size_t)n < sizeof(own) && transfer_same_origin(own, url) && path_is_ours(t, url)) ||
               err_set(&t->fault, ERR_UNTRUSTED,
                   "%s: the next page of its list is said to be \"%s\", which is not of the same list: not followed",
                   t->host, span_printable(span_of(url), shown, sizeof(shown)));
}

bool transfer_next_page(struct transfer *t)
{
        struct span target;
        char *text, *url = NULL;
        bool ok;

        t->next_page[0] = 0;
        if (!link_next(span_of(t->link), &target))
                return true;
        if (target.len > FETCH_LINK_MAX)
                return err_set(&t->fault, ERR_LIMIT, "%s: the URL of its list's next page has %zu bytes, at most %u",
                    t->host, target.len, FETCH_LINK_MAX);
        text = arena_string(t->arena, target);
        CURLU *u = curl_url();
        ok = u && curl_url_set(u, CURLUPART_URL, t->url, 0) == CURLUE_OK &&
             curl_url_set(u, CURLUPART_URL, text, CURLU_PATH_AS_IS) == CURLUE_OK &&
             curl_url_get(u, CURLUPART_URL, &url, 0) == CURLUE_OK;
        curl_url_cleanup(u);
        if (!ok || strlen(url) > FETCH_LINK_MAX)
                err_set(
                    &t->fault, ERR_MALFORMED, "%s: what is said to be the next page of its list is no URL", t->host);
        else if (transfer_page_check(t, url))
                snprintf(t->next_page, sizeof(t->next_page), "%s", url);
        curl_free(url);
        return t->fault.kind == ERR_NONE;
}
