/* A fast keyed hash for tables whose keys an attacker may choose.
 *
 * Not for cryptography. The seed is drawn at random once per process, so nobody can prepare
 * keys that collide (hash flooding; compare jq's CVE-2026-40164). Results differ from run to
 * run: no output may depend on them. */
#ifndef CORE_BASE_HASH_H
#define CORE_BASE_HASH_H

#include "core/base/bytes.h"

/* Draws the seed. Once, by main, before anything is hashed: tables made with the old seed would
 * lose their entries. The others may then be called from any thread. */
void hash_seed(void);
uint64_t hash_bytes(struct bytes text);
uint64_t hash_u64(uint64_t value);

#endif
