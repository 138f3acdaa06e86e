// The registry file: JSON that Perch shares with other tools (docs/registry.md).
//
// Top-level keys that are not ours are ignored. Inside a section of ours an unknown key, a wrong type or a number out of range is an error
// that names the JSON pointer (RFC 6901) and the nearest known key: a bad file changes nothing.
#pragma once

#include <filesystem>
#include <string_view>

#include "common/json.hpp"
#include "registry/catalog.hpp"
#include "registry/facts_reader.hpp"

namespace registry {

// The top-level keys that are Perch's. All others belong to somebody else.
inline constexpr const char* kSections[] = {"models", "catalog", "model_dirs", "roles",  "patterns", "pinned",
                                            "policy", "memory",  "tiers",      "server", "peers"};

// The file's own words, before model folders are looked into. Pure: `base` is where relative paths start, `home` stands for "~".
common::Result<Catalog> read_catalog(std::string_view text, const std::filesystem::path& base, const std::filesystem::path& home);

// Blocks: reads the file, then looks into its model_dirs and into the header of each model's file, for which `facts` has patience. The
// generation is left 0. What `before` knows of files that have not changed is taken from there.
common::Result<Catalog> load_catalog(const std::filesystem::path& file, FactsReader& facts, const Catalog& before = {});

// Likewise, of a text that stands in `file` or is to stand there.
common::Result<Catalog> load_catalog(std::string text, const std::filesystem::path& file, FactsReader& facts, const Catalog& before = {});

// The file as it is. Blocks. ErrorKind::io.
common::Result<std::string> read_text(const std::filesystem::path& file);

// Of a registry's text, as in Catalog::digest.
std::string digest_of(std::string_view text);

// $XDG_CONFIG_HOME/ai-stack/registry.json, by default ~/.config/ai-stack/registry.json.
std::filesystem::path default_path();

}  // namespace registry
