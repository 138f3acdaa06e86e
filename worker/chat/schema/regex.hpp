// The regular expressions of JSON Schema's `pattern` (ECMA-262, Unicode mode) as Languages.
//
// A pattern is searched for, not matched whole, unless it has anchors: the Language holds every string in which it is found. What is no
// regular language, or needs Unicode's tables, is refused: references back, looking around, word boundaries, \p classes.
#pragma once

#include <string_view>

#include "common/result.hpp"
#include "worker/chat/schema/language.hpp"

namespace worker::chat::schema {

common::Result<Language> find_regex(std::string_view pattern, WorkLeft& work);

}  // namespace worker::chat::schema
