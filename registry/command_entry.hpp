// The part of a catalog entry that says how its server is started (runtime "command"): docs/registry.md#servers-of-others.
#pragma once

#include <functional>
#include <string>

#include "registry/catalog.hpp"
#include "registry/section_reader.hpp"

namespace registry {

// The keys of an entry that only one of the runtimes has.
bool is_key_of_commands(const std::string& key);
bool is_key_of_workers(const std::string& key);

// Fills in what `model`, whose artifact has been read, says of its command. `resolve` makes a path in the registry absolute.
void read_command(SectionReader& entry, Model& model, const std::function<std::string(const std::string&)>& resolve);

}  // namespace registry
