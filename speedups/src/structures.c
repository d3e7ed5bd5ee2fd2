/* Structures as json.loads makes them, their leaves, and JSON text in spans. */
#include "speedups.h"

enum { LONGEST_KEY = 24, FEW_DIGITS = 2 };

/* The lists of a batch, in parallel: what a leaf says, what is around it, and its key there. */
typedef struct {
    PyObject *texts, *arounds, *keys;
} Leaves;

static int append_leaf(const Leaves *leaves, PyObject *text, PyObject *around, PyObject *key) {
    return PyList_Append(leaves->texts, text) == 0 && PyList_Append(leaves->arounds, around) == 0 &&
           PyList_Append(leaves->keys, key) == 0;
}

/* A float as normal_form has it: ``12`` for 12.0; what has an exponent or is no number, Python spells. */
static PyObject *float_text(PyObject *value, PyObject *spell) {
    PyObject *text = PyObject_Repr(value);
    Py_ssize_t size;
    const char *plain = text == NULL ? NULL : PyUnicode_AsUTF8AndSize(text, &size);
    if (plain == NULL) {
        Py_XDECREF(text);
        return NULL;
    }
    if (strpbrk(plain, "en")) {
        Py_DECREF(text);
        return PyObject_CallFunctionObjArgs(spell, value, NULL);
    }
    if (size > 2 && plain[size - 2] == '.' && plain[size - 1] == '0') {
        PyObject *whole = PyUnicode_FromStringAndSize(plain, size - 2);
        Py_DECREF(text);
        return whole;
    }
    return text;
}

/* The text of a scalar, a new reference; NULL without an error for what is none. */
static PyObject *text_of(PyObject *value, PyObject *spell) {
    if (PyUnicode_CheckExact(value)) {
        Py_INCREF(value);
        return value;
    }
    if (value == Py_True)
        return PyUnicode_FromString("true");
    if (value == Py_False)
        return PyUnicode_FromString("false");
    if (value == Py_None)
        return PyUnicode_FromString("");
    if (PyLong_CheckExact(value))
        return PyObject_Repr(value);
    if (PyFloat_CheckExact(value))
        return float_text(value, spell);
    return NULL;
}

/* Whether a key is a value itself: an address, or what is long and no name; as in otel_provenance/matching/places.py. */
static int is_value(PyObject *key) {
    Py_ssize_t size = PyUnicode_GetLength(key), digits = 0;
    Py_ssize_t sign = PyUnicode_FindChar(key, '@', 0, size, 1);
    if (sign != -1 || size <= LONGEST_KEY)
        return sign == -2 ? -1 : sign >= 0;
    for (Py_ssize_t at = 0; at < size; at++) {
        Py_UCS4 c = PyUnicode_ReadChar(key, at);
        int is_digit = c < 128 && (CLASS_OF[c] & DIGIT), is_letter = c < 128 && (CLASS_OF[c] & (LOWER | UPPER));
        digits += is_digit;
        if (!is_letter && c != '_' && (at == 0 || !(is_digit || c == '.' || c == '$' || c == '[' || c == ']' || c == '-')))
            return 1;
    }
    return digits > FEW_DIGITS;
}

/* Keys that are values, each once. */
static int add_name(PyObject *key, PyObject *place, const Leaves *leaves, PyObject *known) {
    if (!PyUnicode_CheckExact(key))
        return 0;
    int is_known = PySet_Contains(known, key);
    if (is_known)
        return is_known < 0 ? -1 : 0;
    if (PySet_Add(known, key) < 0)
        return -1;
    int is_one = is_value(key);
    return is_one < 0 || (is_one && !append_leaf(leaves, key, place, key)) ? -1 : 0;
}

PyObject *walk(PyObject *module, PyObject *args) {
    PyObject *value, *place, *known, *spell;
    Leaves leaves;
    Py_ssize_t most, seen = 0;
    if (!PyArg_ParseTuple(args, "OOO!O!O!OnO", &value, &place, &PyList_Type, &leaves.texts, &PyList_Type,
                          &leaves.arounds, &PyList_Type, &leaves.keys, &known, &most, &spell))
        return NULL;
    PyObject *stack = PyList_New(0), *frame = PyTuple_Pack(2, place, value);
    if (stack == NULL || frame == NULL || PyList_Append(stack, frame) < 0)
        goto failed;
    Py_DECREF(frame);
    frame = NULL;
    Py_ssize_t depth;
    while ((depth = PyList_Size(stack)) > 0 && PyList_Size(leaves.texts) <= most) {
        frame = PyList_GetItem(stack, depth - 1);
        Py_INCREF(frame);
        if (PyList_SetSlice(stack, depth - 1, depth, NULL) < 0)
            goto failed;
        PyObject *where = PyTuple_GetItem(frame, 0), *node = PyTuple_GetItem(frame, 1);
        int named = PyDict_CheckExact(node);
        if (!named && !PyList_CheckExact(node)) {
            PyErr_SetString(PyExc_TypeError, "not as json.loads makes it");
            goto failed;
        }
        Py_ssize_t at = 0;
        PyObject *key, *child;
        while (named && PyDict_Next(node, &at, &key, &child))
            if (add_name(key, where, &leaves, known) < 0)
                goto failed;
        for (at = 0; named ? PyDict_Next(node, &at, &key, &child) : at < PyList_Size(node); seen++) {
            if (named) {
                Py_INCREF(key);
            } else {
                child = PyList_GetItem(node, at);
                key = PyLong_FromSsize_t(at++);
                if (key == NULL)
                    goto failed;
            }
            PyObject *text = text_of(child, spell);
            int well = 0;
            if (text != NULL) {
                well = append_leaf(&leaves, text, where, key);
                Py_DECREF(text);
            } else if (!PyErr_Occurred()) {
                PyObject *inner = PyTuple_Pack(2, where, key);
                PyObject *next = inner == NULL ? NULL : PyTuple_Pack(2, inner, child);
                well = next != NULL && PyList_Append(stack, next) == 0;
                Py_XDECREF(inner);
                Py_XDECREF(next);
            }
            Py_DECREF(key);
            if (!well)
                goto failed;
        }
        Py_DECREF(frame);
        frame = NULL;
    }
    Py_DECREF(stack);
    return PyLong_FromSsize_t(seen);
failed:
    Py_XDECREF(frame);
    Py_XDECREF(stack);
    return NULL;
}

/* RFC 8259: only strings can hold brackets and commas that mean nothing. */
PyObject *json_span(PyObject *module, PyObject *args) {
    PyObject *text;
    Py_ssize_t at, most, end = -1, depth = 0;
    int is_ascii;
    if (!PyArg_ParseTuple(args, "Upnn", &text, &is_ascii, &at, &most))
        return NULL;
    const char *plain = is_ascii ? PyUnicode_AsUTF8AndSize(text, NULL) : NULL;
    if (is_ascii && plain == NULL)
        return NULL;
    Py_ssize_t size = PyUnicode_GetLength(text);
    if (most < size - at)
        size = at + most;
    for (int quoted = 0; at < size; at++) {
        if (quoted && plain) { /* strings are long: to their end, or the next escape, at once */
            const char *close = memchr(plain + at, '"', size - at);
            const char *escape = memchr(plain + at, '\\', (close ? close - plain : size) - at);
            if (escape == NULL && close == NULL)
                break;
            at = (escape ? escape : close) - plain;
        }
        Py_UCS4 c = plain ? (Py_UCS4)plain[at] : PyUnicode_ReadChar(text, at);
        if (quoted) {
            if (c == '\\')
                at++;
            else if (c == '"')
                quoted = 0;
        } else if (c == '"') {
            quoted = 1;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (depth-- == 0) {
                end = at;
                break;
            }
        } else if (c == ',' && depth == 0) {
            end = at;
        }
    }
    return PyLong_FromSsize_t(end);
}
