// The registry's text, changed as a careful person would: what has to change changes, and every other byte stays what it was, the sections
// of other tools included. Pure.
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"

namespace registry {

// The text with `role` pointing at `id`. A role that is not there yet becomes the last line of "models", written like its neighbours; a
// missing "models" becomes the last section. ErrorKind::bad_request when the text is no JSON object, or "models" is none.
common::Result<std::string> set_role(std::string_view text, const std::string& role, const std::string& id);

// The text with Perch's own sections as they are in `old`, and what belongs to other tools as it is now: `old` itself when that is the
// same, or when `text` is no JSON object and there is nothing in it to keep. ErrorKind::bad_request when `old` is none.
common::Result<std::string> restore_sections(std::string_view text, std::string_view old);

}  // namespace registry
