/* Internet addresses and subnets, from text. */
#ifndef CORE_QUERY_ADDRESS_H
#define CORE_QUERY_ADDRESS_H

#include "core/base/bytes.h"

/* IPv4 stands as 4 bytes; an IPv4 address mapped into IPv6 (::ffff:1.2.3.4) is IPv4. */
struct address {
    unsigned char bytes[16];
    bool is_v4;
};

/* The whole text; no zone, no port. */
bool address_parse(struct bytes text, struct address *out);

struct subnet {
    struct address base;
    unsigned bits;
};

/* `203.0.113.0/24`, `2001:db8::/32`; an address alone is a subnet of one. Bits behind the
 * prefix are ignored. */
bool subnet_parse(struct bytes text, struct subnet *out);

/* `203.0.113.0/24`, bits behind the prefix left out; without the length where it is a single
 * address. Appended. */
void subnet_write(struct buffer *out, const struct subnet *s);

/* The network of `bits` that the address is in. */
struct subnet subnet_of(const struct address *a, unsigned bits);

/* Signs of addresses and networks and nothing else: whoever wrote it meant one. */
bool subnet_is_meant(struct bytes text);
bool subnet_has(const struct subnet *s, const struct address *a);

#endif
