"""Loopback servers that answer as language-model servers do, recorded ones included."""
