#include "core/evidence/parcel.h"

#include "core/base/mem.h"

void parcels_deinit(struct parcels *list)
{
    mem_free(list->items);
    buffer_deinit(&list->names);
}

bool parcels_add(struct parcels *list, struct parcel parcel, struct bytes name)
{
    if (list->n == PARCELS_MAX)
        return false;
    mem_grow(&list->items, &list->cap, list->n + 1, sizeof *list->items);
    list->items[list->n++] = (struct listed_parcel){parcel, list->names.len, name.len};
    buffer_add(&list->names, name);
    return true;
}

struct bytes parcels_name(const struct parcels *list, size_t i)
{
    const struct listed_parcel *item = &list->items[i];

    return bytes_slice(buffer_bytes(&list->names), item->name_at,
                       item->name_at + item->name_len);
}
