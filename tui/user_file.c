#include "tui/user_file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "core/base/mem.h"
#include "core/base/userfile.h"

/* Relative values of XDG_CONFIG_HOME are ignored, as its specification says. */
bool user_file_path(const char *name, struct buffer *out)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

    if (config && config[0] == '/')
        buffer_printf(out, "%s/cogtrail/%s", config, name);
    else if (home && home[0] == '/')
        buffer_printf(out, "%s/.config/cogtrail/%s", home, name);
    else
        return false;
    return true;
}

const char *user_file_write(const char *path, struct bytes text, bool may_replace)
{
    char *folders = mem_text(path, strlen(path));
    const char *wrong = NULL;

    for (char *at = folders + 1; !wrong && *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        if (mkdir(folders, 0700) != 0 && errno != EEXIST)
            wrong = strerror(errno);
        *at = '/';
    }
    mem_free(folders);
    return wrong ? wrong : userfile_write(path, text, may_replace);
}
