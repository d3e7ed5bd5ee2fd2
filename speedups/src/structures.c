/* Structures as json.loads makes them, their leaves, and JSON text in spans. */
#include "speedups.h"

static PyObject *append_leaf(PyObject *texts, PyObject *places, PyObject *text, PyObject *place, PyObject *key) {
    PyObject *here = PyTuple_Pack(2, place, key);
    if (here == NULL)
        return NULL;
    int failed = PyList_Append(texts, text) < 0 || PyList_Append(places, here) < 0;
    Py_DECREF(here);
    return failed ? NULL : text;
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
        return PyObject_CallFunctionObjArgs(spell, value, NULL);
    return NULL;
}

/* Keys that are values themselves: long ones, and addresses. */
static int add_name(PyObject *key, PyObject *place, PyObject *texts, PyObject *places, PyObject *known) {
    if (!PyUnicode_CheckExact(key))
        return 0;
    int is_known = PySet_Contains(known, key);
    if (is_known)
        return is_known < 0 ? -1 : 0;
    if (PySet_Add(known, key) < 0)
        return -1;
    Py_ssize_t size = PyUnicode_GetLength(key);
    Py_ssize_t at = size > 24 ? 0 : PyUnicode_FindChar(key, '@', 0, size, 1);
    if (at == -2 || (at >= 0 && append_leaf(texts, places, key, place, key) == NULL))
        return -1;
    return 0;
}

PyObject *walk(PyObject *module, PyObject *args) {
    PyObject *value, *place, *texts, *places, *known, *spell;
    Py_ssize_t most, seen = 0;
    if (!PyArg_ParseTuple(args, "OOO!O!OnO", &value, &place, &PyList_Type, &texts, &PyList_Type, &places, &known, &most,
                          &spell))
        return NULL;
    PyObject *stack = PyList_New(0), *frame = PyTuple_Pack(2, place, value);
    if (stack == NULL || frame == NULL || PyList_Append(stack, frame) < 0)
        goto failed;
    Py_DECREF(frame);
    frame = NULL;
    Py_ssize_t depth;
    while ((depth = PyList_Size(stack)) > 0 && PyList_Size(texts) <= most) {
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
            if (add_name(key, where, texts, places, known) < 0)
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
                well = append_leaf(texts, places, text, where, key) != NULL;
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

PyObject *fresh_leaves(PyObject *module, PyObject *args) {
    PyObject *leaves, *settled;
    if (!PyArg_ParseTuple(args, "O!O!", &PyList_Type, &leaves, &PyDict_Type, &settled))
        return NULL;
    PyObject *chosen = PyList_New(0), *seen = PySet_New(NULL);
    if (chosen == NULL || seen == NULL)
        goto failed;
    Py_ssize_t count = PyList_Size(leaves);
    for (Py_ssize_t at = 0; at < count; at++) {
        PyObject *leaf = PyList_GetItem(leaves, at);
        if (PyUnicode_GetLength(leaf) <= 2) {
            if (PyErr_Occurred())
                goto failed;
            continue;
        }
        if (PyDict_GetItemWithError(settled, leaf) != NULL)
            continue;
        Py_ssize_t before = PySet_Size(seen);
        if (PyErr_Occurred() || PySet_Add(seen, leaf) < 0)
            goto failed;
        if (PySet_Size(seen) == before)
            continue;
        PyObject *number = PyLong_FromSsize_t(at);
        if (number == NULL || PyList_Append(chosen, number) < 0) {
            Py_XDECREF(number);
            goto failed;
        }
        Py_DECREF(number);
    }
    Py_DECREF(seen);
    return chosen;
failed:
    Py_XDECREF(chosen);
    Py_XDECREF(seen);
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
