// One visitor made of several lambdas, for std::visit.
#pragma once

namespace common {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

}  // namespace common
