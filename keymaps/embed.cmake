# Writes OUTPUT, a C file that holds the text of each of FILES (a ;-list) as bytes, so that the
# program needs no data files to run. Called as cmake -DFILES=… -DOUTPUT=… -P embed.cmake.
set(arrays "")
set(rows "")
foreach(file ${FILES})
    get_filename_component(name ${file} NAME_WE)
    file(READ ${file} hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
    string(APPEND arrays "static const unsigned char text_${name}[] = {\n${bytes}\n};\n\n")
    string(APPEND rows "    {\"${name}\", text_${name}, sizeof text_${name}},\n")
endforeach()
file(WRITE ${OUTPUT}.new "/* Made from the key files; see keymaps/embed.cmake. */
#include \"keymaps/builtin.h\"

${arrays}static const struct {
    const char *name;
    const unsigned char *text;
    size_t len;
} files[] = {
${rows}};

size_t builtin_count(void)
{
    return ARRAY_LEN(files);
}

const char *builtin_name(size_t i)
{
    return files[i].name;
}

bool builtin_find(struct bytes name, struct bytes *text)
{
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        if (bytes_are(name, files[i].name)) {
            *text = bytes_make(files[i].text, files[i].len);
            return true;
        }
    }
    return false;
}
")
file(RENAME ${OUTPUT}.new ${OUTPUT})
