/*
 * Functions of a library that is loaded when it is first called: each has the library's own name
 * and passes everything on. The file that uses these has a function find(NAME), which returns a
 * symbol or NULL.
 */
#ifndef JD_BASE_LAZY_H
#define JD_BASE_LAZY_H

#include <glib.h>

/** One function: what it returns, its name, parameters, arguments, and what it returns without the
 * library. */
#define JD_FORWARD(type, name, parameters, arguments, otherwise)                                   \
    type name parameters                                                                           \
    {                                                                                              \
        type(*function) parameters = (type(*) parameters)find(#name);                              \
        return function ? function arguments : (otherwise);                                        \
    }

/** The same for one that returns nothing. */
#define JD_FORWARD_VOID(name, parameters, arguments)                                               \
    void name parameters                                                                           \
    {                                                                                              \
        void(*function) parameters = (void(*) parameters)find(#name);                              \
        if (function)                                                                              \
            function arguments;                                                                    \
    }

#endif
