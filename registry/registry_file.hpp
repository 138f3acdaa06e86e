// The registry file: JSON that Perch shares with other tools (docs/registry.md).
//
// Top-level keys that are not ours are ignored. Inside a section of ours an unknown key, a wrong type or a number out of range is an error
// that names the JSON pointer (RFC 6901) and the nearest known key: a bad file changes nothing.
#pragma once

#include <filesystem>
#include <string_view>

#include "common/json.hpp"
#include "registry/catalog.hpp"

namespace registry {

// The file's own words, before model folders are looked into. Pure: `base` is where relative paths start, `home` stands for "~".
common::Result<Catalog> read_catalog(std::string_view text, const std::filesystem::path& base, const std::filesystem::path& home);

// Blocks: reads the file, then looks into its model_dirs. The generation is left 0.
common::Result<Catalog> load_catalog(const std::filesystem::path& file);

// Whether the files behind a model are still the same: the artifact's identity and its adapters'. Empty while there is no artifact. Blocks.
std::string identity_of(const Model& model);

// $XDG_CONFIG_HOME/ai-stack/registry.json, by default ~/.config/ai-stack/registry.json.
std::filesystem::path default_path();

}  // namespace registry
