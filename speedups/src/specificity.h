/* How much an ASCII text says, in bits: what numbers.c, specificity.c and needles.c share. */
#ifndef OTEL_PROVENANCE_SPECIFICITY_H
#define OTEL_PROVENANCE_SPECIFICITY_H

#include "speedups.h"

enum {
    LONGEST_WEIGHED = 200, /* characters; what is longer says MOST */
    SHORTEST_SPECIFIC = 6,
};
#define MOST 60.0
#define NO_NUMBER (-1.0)

static inline int is_digit(unsigned char c) {
    return (CLASS_OF[c] & DIGIT) != 0;
}
static inline int is_letter(unsigned char c) {
    return (CLASS_OF[c] & (LOWER | UPPER)) != 0;
}
static inline int is_alnum(unsigned char c) {
    return (CLASS_OF[c] & (LOWER | UPPER | DIGIT)) != 0;
}
static inline double lesser(double one, double other) {
    return other < one ? other : one;
}
/* Compilers may not make one step of a product and a sum, which would round otherwise than Python does. */
static inline double times(double one, double other) {
    volatile double product = one * other;
    return product;
}
static inline int all_of(const unsigned char *text, Py_ssize_t size, int (*is)(unsigned char)) {
    Py_ssize_t at = 0;
    while (at < size && is(text[at]))
        at++;
    return at == size;
}
/* Common words: slots by hash, whose numbers say where each word stands, with a NUL behind it. */
typedef struct {
    Table table;
    const unsigned char *words;
    Py_ssize_t size;
} Common;
/* 0, and an error, where it is not what common_table made. */
int opened_common(PyObject *pair, Common *common);
int is_specific_ascii(const Common *common, const unsigned char *text, Py_ssize_t size);
/* Its characters, where a text is ASCII; else NULL, with an error where it is no text. */
const unsigned char *ascii_of(PyObject *text, Py_ssize_t *size);
/* How many different characters there are, as far as ``most`` + 1. */
int different(const unsigned char *text, Py_ssize_t size, int most);
double bits_of_digits(const unsigned char *digits, Py_ssize_t size);
/* Of what begins with a digit or a sign, of LONGEST_WEIGHED characters at most; NO_NUMBER: no number, date or address
 * of the internet. */
double bits_of_numeric(const unsigned char *text, Py_ssize_t size);

#endif
