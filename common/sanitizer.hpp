// Whether this is a build with a sanitizer that keeps shadow memory, which is larger than any machine and so must not be limited.
#pragma once

namespace common {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kShadowMemory = true;
#elif defined(__has_feature)
inline constexpr bool kShadowMemory = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool kShadowMemory = false;
#endif

}  // namespace common
