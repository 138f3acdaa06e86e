#include "common/program_folder.hpp"

namespace common {

namespace fs = std::filesystem;

fs::path program_folder() { return fs::read_symlink("/proc/self/exe").parent_path(); }

fs::path beside_this_program(const char* name) { return program_folder() / name; }

}  // namespace common
