/* The heap as a whole. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

/* Gives the pages of the heap that hold nothing back to the system. Takes some 50 us: for turning points,
 * where much was freed, or where a library is about to allocate much that it never touches. */
void memory_give_back(void);

#endif
