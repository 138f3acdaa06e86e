// A command that is written as one text, as the list of words that a POSIX shell would make of it, without running a shell: quotes and
// backslashes mean what they mean there; nothing is expanded and no operator is known.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace registry::foreign {

using Words = std::vector<std::string>;

// Without the lines that begin with #.
std::string without_comments(std::string_view text);
// Lines that end with a backslash go on in the next; a line without one, too, because a new line is white space. ErrorKind::bad_request
// when a quote is left open or nothing is left to run.
common::Result<Words> split_command(std::string_view text);

// The value of an option, written "--name value" or "--name=value" under any of its names; nothing when it is not there or has none.
std::optional<std::string> option_value(const Words& words, const std::vector<std::string_view>& names);
bool has_option(const Words& words, const std::vector<std::string_view>& names);

}  // namespace registry::foreign
