// make_tiny_model PATH [WIDTH LAYERS HIDDEN]: for trying things by hand.
#include <cstdio>
#include <cstdlib>

#include "tests/support/tiny_model.hpp"

int main(int argc, char** argv) {
  if (argc != 2 && argc != 5) return std::fprintf(stderr, "usage: make_tiny_model PATH [WIDTH LAYERS HIDDEN]\n"), 64;
  support::TinyModel shape;
  if (argc == 5) {
    shape.width = std::atoi(argv[2]);
    shape.layers = std::atoi(argv[3]);
    shape.hidden = std::atoi(argv[4]);
  }
  support::write_tiny_model(argv[1], shape);
}
