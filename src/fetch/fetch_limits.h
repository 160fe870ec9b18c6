/* Every bound of this room, with its unit and reason. */
#pragma once

#define FETCH_BACKOFF_MAX_S 60u      /* a Retry-After above it is an error at once: nobody waits for it at a terminal */
#define FETCH_STALL_S 30u            /* seconds */
#define FETCH_CONNECT_S 15u          /* seconds for connection and TLS handshake */
#define FETCH_REDIRECTS_MAX 5u       /* registries redirect blobs once, to an object store */
#define FETCH_TRANSFERS_MAX 64u      /* at once in one program */
#define FETCH_PACKET_MAX (32u << 10) /* bytes of one message between parent and program */
#define FETCH_URL_MAX 8192u          /* bytes: signed URLs of object stores reach 2 KiB */
#define FETCH_HEADER_MAX 8192u       /* bytes of one header line that matters */
#define FETCH_HEADERS_MAX (256u << 10)    /* bytes of all header lines of one answer */
#define FETCH_TOKEN_MAX (16u << 10)       /* bytes of a token: Docker Hub's have 2.5 KiB, GitLab's 5 */
#define FETCH_TOKEN_BODY_MAX (256u << 10) /* bytes of a token server's answer */
#define FETCH_ERROR_BODY_MAX (16u << 10)  /* bytes of an error answer that are looked at */
#define FETCH_AUTH_FILE_MAX (1u << 20)    /* bytes of an auth.json */
#define FETCH_CA_MAX (4u << 20)           /* bytes of a bundle of certificates: Debian's whole set is 220 KiB */
#define FETCH_NAME_MAX 255u               /* bytes of host and repository together (distribution/reference) */
#define FETCH_HEADERS_SENT_MAX 2048u /* bytes of header lines that the parent gives for a request */
#define FETCH_HOOK_MAX (4u << 20)    /* bytes of what is posted */
#define FETCH_LINK_MAX 2048u      /* bytes of the URL of a list's next page */
#define FETCH_ARTIFACT_TYPE_MAX 255u      /* bytes: RFC 6838 allows 127 for each half */
#define FETCH_TAG_MAX 128u                /* OCI distribution-spec 1.1 */
#define FETCH_HELPER_MAX 64u              /* bytes of a credential helper's name */
#define FETCH_HELPER_OUTPUT_MAX (64u << 10)
#define FETCH_HELPER_S 60u /* seconds that a credential helper may take: it may ask a person */
