/*
 * base: what every room needs and nothing that knows of containers.
 *
 * In:    bytes, names, numbers.
 * Out:   errors as plain data, bounded readers and writers, arenas, secrets, digests, JSON, files, time, log lines.
 * Never: decides anything; opens sockets; keeps state between calls (two exceptions: the log's sink, and OpenSSL's
 *        Ed25519 once it is loaded).
 * Uses:  -
 * Terms: RFC 8259 (JSON), FIPS 180-4 (SHA-2), RFC 8032 (Ed25519), RFC 3339 (time), OCI image-spec 1.1 (digest).
 *
 * This is the room's one door. The leaves below are parts of it, one noun each; rooms include "base/base.h" alone.
 */
#pragma once

#include "base/banned.h"
#include "base/err.h"
#include "base/span.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/secret.h"
#include "base/sign.h"
