#include "core/query/indicators.h"

#include <fcntl.h>
#include <stdatomic.h>

#include "core/base/arena.h"
#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/base/userfile.h"

/* Prefix lengths: 0 … 32 of IPv4, then 0 … 128 of IPv6. */
enum { V4_LENGTHS = 33, LENGTHS = 33 + 129 };

struct indicators {
    struct arena arena;
    struct bytes name;
    struct indicator *items;
    size_t count, cap, networks, repeats;
    uint32_t *cells; /* positions + 1; 0 is free */
    size_t n_cells;  /* a power of two, at least twice as many as items */
    bool lengths[LENGTHS];
    _Atomic unsigned holds; /* beside the first */
};

static unsigned length_of(const struct subnet *s)
{
    return s->base.is_v4 ? s->bits : V4_LENGTHS + s->bits;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static uint64_t hash_text(struct bytes text)
{
    char folded[INDICATORS_MAX_LINE_BYTES];
    size_t len = text.len < sizeof folded ? text.len : sizeof folded;

    for (size_t i = 0; i < len; i++)
        folded[i] = lower(text.ptr[i]);
    return hash_bytes(bytes_make(folded, len));
}

static uint64_t hash_subnet(const struct subnet *s)
{
    char key[17];

    memcpy(key, s->base.bytes, 16);
    key[16] = (char)length_of(s);
    return hash_bytes(bytes_make(key, sizeof key));
}

static bool same_subnet(const struct subnet *a, const struct subnet *b)
{
    return length_of(a) == length_of(b) &&
           memcmp(a->base.bytes, b->base.bytes, sizeof a->base.bytes) == 0;
}

/* The cell of a text, or, with `subnet`, of a network: taken or free. */
static uint32_t *find(const struct indicators *list, struct bytes text,
                      const struct subnet *subnet)
{
    size_t at = (subnet ? hash_subnet(subnet) : hash_text(text)) & (list->n_cells - 1);

    for (;; at = (at + 1) & (list->n_cells - 1)) {
        const struct indicator *item;

        if (list->cells[at] == 0)
            return &list->cells[at];
        item = &list->items[list->cells[at] - 1];
        if (subnet ? item->is_network && same_subnet(&item->subnet, subnet)
                   : !item->is_network && bytes_equal_nocase(item->text, text))
            return &list->cells[at];
    }
}

static struct bytes trim(struct bytes line)
{
    while (line.len && strchr(" \t\r", line.ptr[line.len - 1]))
        line.len--;
    while (line.len && strchr(" \t", line.ptr[0]))
        line = bytes_slice(line, 1, line.len);
    return line;
}

static struct bytes without_comment(struct bytes line)
{
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '#' && (i == 0 || line.ptr[i - 1] == ' ' || line.ptr[i - 1] == '\t'))
            return trim(bytes_slice(line, 0, i));
    }
    return trim(line);
}

/* 203[.]0[.]113[.]7 is how reports keep an address from being clicked on. */
static bool parse_network(struct bytes text, struct subnet *out)
{
    char plain[64];
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '[' || text.ptr[i] == ']')
            continue;
        if (len == sizeof plain)
            return false;
        plain[len++] = text.ptr[i];
    }
    if (!subnet_parse(bytes_make(plain, len), out))
        return false;
    *out = subnet_of(&out->base, out->bits);
    return true;
}

static void add_line(struct indicators *list, struct bytes text, size_t number)
{
    struct indicator item = {.line = number};

    item.is_network = parse_network(text, &item.subnet);
    item.text = arena_copy(&list->arena, text);
    mem_grow(&list->items, &list->cap, list->count + 1, sizeof *list->items);
    list->items[list->count++] = item;
}

/* Fills the table, leaving out what was said before. */
static void index_lines(struct indicators *list)
{
    size_t count = list->count;

    list->n_cells = 16;
    while (list->n_cells < 2 * count)
        list->n_cells *= 2;
    list->cells = mem_array(list->n_cells, sizeof *list->cells);
    list->count = 0;
    for (size_t i = 0; i < count; i++) {
        struct indicator item = list->items[i];
        uint32_t *cell = find(list, item.text, item.is_network ? &item.subnet : NULL);

        if (*cell) {
            list->repeats++;
            continue;
        }
        list->items[list->count++] = item;
        *cell = (uint32_t)list->count;
        if (item.is_network) {
            list->networks++;
            list->lengths[length_of(&item.subnet)] = true;
        }
    }
}

enum err indicators_parse(struct bytes name, struct bytes text, struct indicators **out,
                          struct buffer *message)
{
    struct indicators *list = mem_alloc(sizeof *list);
    size_t number = 0;

    list->name = arena_copy(&list->arena, name);
    if (bytes_starts(text, "\xef\xbb\xbf"))
        text = bytes_slice(text, 3, text.len);
    while (text.len) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t len = end ? (size_t)(end - text.ptr) : text.len;
        struct bytes line = without_comment(bytes_slice(text, 0, len));

        number++;
        if (line.len > INDICATORS_MAX_LINE_BYTES) {
            buffer_printf(message, "line %zu is longer than %d bytes", number,
                          INDICATORS_MAX_LINE_BYTES);
            indicators_release(list);
            return ERR_TOO_LARGE;
        }
        if (line.len)
            add_line(list, line, number);
        text = bytes_slice(text, len + 1, text.len);
    }
    if (list->count == 0) {
        buffer_add_text(message, "has no indicators: write one on each line");
        indicators_release(list);
        return ERR_EMPTY;
    }
    index_lines(list);
    *out = list;
    return ERR_OK;
}

enum err indicators_read(const char *path, struct indicators **out, struct buffer *message)
{
    struct buffer text = {0};
    const char *wrong = userfile_read(AT_FDCWD, path, INDICATORS_MAX_BYTES, &text);
    enum err err = ERR_IO;

    if (wrong)
        buffer_add_text(message, wrong);
    else
        err = indicators_parse(bytes_of(path), buffer_bytes(&text), out, message);
    buffer_deinit(&text);
    return err;
}

struct indicators *indicators_hold(struct indicators *list)
{
    atomic_fetch_add(&list->holds, 1);
    return list;
}

void indicators_release(struct indicators *list)
{
    if (!list || atomic_fetch_sub(&list->holds, 1) > 0)
        return;
    mem_free(list->items);
    mem_free(list->cells);
    arena_deinit(&list->arena);
    mem_free(list);
}

struct bytes indicators_name(const struct indicators *list)
{
    return list->name;
}

size_t indicators_count(const struct indicators *list)
{
    return list->count;
}

const struct indicator *indicators_get(const struct indicators *list, size_t i)
{
    return &list->items[i];
}

size_t indicators_networks(const struct indicators *list)
{
    return list->networks;
}

size_t indicators_repeats(const struct indicators *list)
{
    return list->repeats;
}

size_t indicators_match(const struct indicators *list, struct bytes value, uint32_t *out)
{
    unsigned first, bits;
    struct address address;
    size_t count = 0;
    uint32_t cell;

    if (value.len <= INDICATORS_MAX_LINE_BYTES && list->networks < list->count) {
        cell = *find(list, value, NULL);
        if (cell)
            out[count++] = cell - 1;
    }
    if (list->networks == 0 || !address_parse(value, &address))
        return count;
    first = address.is_v4 ? 0 : V4_LENGTHS;
    bits = address.is_v4 ? 32 : 128;
    for (unsigned i = 0; i <= bits; i++) {
        struct subnet subnet;

        if (!list->lengths[first + i])
            continue;
        subnet = subnet_of(&address, i);
        cell = *find(list, value, &subnet);
        if (cell)
            out[count++] = cell - 1;
    }
    return count;
}

bool indicators_have(const struct indicators *list, struct bytes value)
{
    uint32_t found[INDICATORS_MAX_MATCHES];

    return indicators_match(list, value, found) > 0;
}
