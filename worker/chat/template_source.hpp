// Rewrites what Jinja2 understands and minja does not, without changing what it means.
//
// And macros are forgotten at the end: in minja a macro and the context it stands in own each other, so every rendering, with all its
// messages, would stay in memory. Where a template refuses a conversation the end is not reached, and it does.
#pragma once

#include <string>
#include <string_view>

namespace worker::chat {

// tojson(ensure_ascii=False) becomes tojson, which writes characters as they are in minja anyway. So does tojson(separators=(',', ':')):
// there the text gets blanks that Jinja2 would not write (Kimi's tools), which is better than no tools. f(x).method() becomes
// (f(x)).method(): minja looks for a method behind a name or a bracket, not behind a call. GLM's templates have both.
std::string for_minja(std::string_view source);

}  // namespace worker::chat
