// How Perch writes the registry: all of it or nothing, and never over somebody else's edit.
//
// The new text is written beside the old one, brought to the disk and renamed over it, with the old one's permissions. A registry that is a
// symbolic link stays one: what it points at is replaced. Perch's own writers take turns by a lock on the folder; anybody else's edit is
// noticed because the text is compared before it is replaced.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "common/result.hpp"
#include "registry/catalog.hpp"
#include "registry/facts_reader.hpp"

namespace registry {

struct Written {
  std::string before, after;     // the texts; the same: nothing was written
  std::filesystem::path target;  // the file behind all links
};

// Reads, lets `edit` say what is to stand there, and writes that. `edit` gets nothing when there is no file. Blocks. Whatever `edit` says
// against it; ErrorKind::conflict when the file was changed meanwhile, io when it cannot be written.
using Edit = std::function<common::Result<std::string>(const std::optional<std::string>& text)>;
common::Result<Written> edit_registry(const std::filesystem::path& file, const Edit& edit);

struct RoleWritten {
  std::optional<std::string> before;  // the id that it pointed at; nothing: there was no such role
  bool written = false;               // false: it pointed there already
};

// Has a role point at an id, and changes nothing else. Blocks. ErrorKind: as edit_registry(); model_not_found for an id that is not known,
// unless `force`; bad_request when the file, or what would come of it, is wrong. What `before` knows of model files is taken from there.
common::Result<RoleWritten> write_role(const std::filesystem::path& file, const std::string& role, const std::string& id, bool force,
                                       FactsReader& facts, const Catalog& before = {});

}  // namespace registry
