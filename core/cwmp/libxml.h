/* libxml2, which reads what the ACS sends. The first Inform does without it: it brings ICU and libstdc++
 * along, whose loading takes as long as all that the client does until then. So it is opened when the first
 * message is read. Nothing of it is needed to write. */
#ifndef CWMP_LIBXML_H
#define CWMP_LIBXML_H

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <tr069/library.h>

#define LIBXML_SYMBOLS(symbol)                                                                               \
    symbol(xmlCreatePushParserCtxt) symbol(xmlCtxtReset) symbol(xmlCtxtResetPush) symbol(xmlCtxtUseOptions)  \
        symbol(xmlDocDumpFormatMemory) symbol(xmlDocGetRootElement) symbol(xmlFree) symbol(xmlFreeDoc)       \
            symbol(xmlFreeParserCtxt) symbol(xmlNodeAddContent) symbol(xmlNodeSetContent)                    \
                symbol(xmlParseChunk) symbol(xmlReadMemory) symbol(xmlSetGenericErrorFunc)                   \
                    symbol(xmlStopParser)

/* Its functions (xmlFree: where the function's address is), by their own names. */
struct libxml {
    LIBXML_SYMBOLS(TR069_LIBRARY_POINTER)
};

/* Opened once for the process and never closed. NULL when it is not there, broken, or memory is short, with a
 * sentence in ret_error; the next call tries again. */
const struct libxml *libxml_open(char *ret_error, size_t size);

#endif
