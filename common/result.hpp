// Result<T>: a value or an Error. Expected outcomes travel this way; exceptions are kept for cancellation, exhausted memory and startup.
#pragma once

#include <expected>

#include "common/error.hpp"

namespace common {

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorKind kind, std::string message) { return std::unexpected(Error(kind, std::move(message))); }
inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

}  // namespace common
