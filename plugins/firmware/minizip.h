/* minizip, which reads archives; opened for as long as one is looked at, which is rarely. */
#ifndef FIRMWARE_MINIZIP_H
#define FIRMWARE_MINIZIP_H

#include <minizip/unzip.h>
#include <tr069/library.h>
#include <tr069/plugin.h>

#define MINIZIP_SYMBOLS(symbol)                                                                              \
    symbol(unzClose) symbol(unzCloseCurrentFile) symbol(unzGetCurrentFileInfo64) symbol(unzGetGlobalInfo64)  \
        symbol(unzGoToFirstFile) symbol(unzGoToNextFile) symbol(unzOpen64) symbol(unzOpenCurrentFile)        \
            symbol(unzReadCurrentFile)

/* Its functions by their own names. */
struct minizip {
    void *library; /* NULL: linked in */
    MINIZIP_SYMBOLS(TR069_LIBRARY_POINTER)
};

/* 0; -ENOENT with a sentence when it is not there. No service of the host is used: for a worker thread. */
int firmware_minizip_open(struct minizip *ret_minizip, char *ret_error, size_t size);
/* For a plugin's `check`: logs an error where it is not there. */
void firmware_minizip_check(const struct tr069_host *host);
/* Accepts one that is all zero. */
void firmware_minizip_close(struct minizip *minizip);

#endif
