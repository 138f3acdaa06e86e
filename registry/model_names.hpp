// Which files of a folder are models, what each is called, and which projector ("mmproj") belongs to it: by their names alone. Pure.
//
// In a plain folder a model's id is its file's stem in lower case. In a repository (of the Hugging Face cache, of LM Studio) it is the
// repository and how the file's name ends, "org/name:Q4_K_M", which is what other programs take too; files of one repository whose names
// end alike are called by their whole names, so that no id ever means one of two files. A split model counts once, by its first part.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "registry/model_folder.hpp"

namespace registry {

struct NamedFile {
  std::string id;
  std::string file;       // as it was given
  std::string projector;  // likewise; empty: none belongs to it

  bool operator==(const NamedFile&) const = default;
};

struct NamedFiles {
  std::vector<NamedFile> models;     // in the order of their files
  std::vector<LeftOut> left_out;     // paths as they were given
  std::vector<std::string> notices;  // of ids that are not what one would expect
};

// Whether a file is looked at at all.
bool is_gguf_name(std::string_view name);
// Whether it is one that somebody is still writing.
bool is_unfinished_name(std::string_view name);

// `files`: names in one folder.
NamedFiles name_plain(std::vector<std::string> files);
// `files`: paths in the repository, "folder/name.gguf".
NamedFiles name_repository(const std::string& repository, std::vector<std::string> files);

}  // namespace registry
