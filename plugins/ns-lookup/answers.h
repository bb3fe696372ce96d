/* plugins/ns-lookup/answers.h: what the name server of the tests says, by the first label of the name. */
#ifndef NS_LOOKUP_ANSWERS_H
#define NS_LOOKUP_ANSWERS_H

#include <stddef.h>
#include <stdint.h>

/*   box      192.0.2.7 and 2001:db8::7, as the one who knows
 *   four     192.0.2.4 alone, as one who was told
 *   six      2001:db8::6 alone
 *   alias    is called real.test, 192.0.2.8
 *   many     twelve addresses of IPv4
 *   server   127.0.0.1
 *   refused, failed          so it is
 *   slow                     nothing
 *   cut, loop, other, stray  broken off; a name that goes in a circle; somebody else's id; no question
 *   any other                there is no such name
 * Returns the length of the answer; 0 = none. */
size_t answer_to(const uint8_t *question, size_t length, uint8_t *ret_answer, size_t size);

#endif
