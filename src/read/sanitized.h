/* JD_SANITIZED is defined in builds with AddressSanitizer, which reserves addresses by the terabyte
 * and whose reports are wanted on standard error. */
#ifndef JD_READ_SANITIZED_H
#define JD_READ_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__)
#define JD_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define JD_SANITIZED 1
#endif
#endif

#endif
