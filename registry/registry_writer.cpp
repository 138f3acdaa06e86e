#include "registry/registry_writer.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <format>
#include <system_error>
#include <thread>

#include "common/child_process.hpp"
#include "common/names.hpp"
#include "registry/registry_file.hpp"
#include "registry/text_edit.hpp"

namespace registry {
namespace {

namespace fs = std::filesystem;
using common::Descriptor;
using common::Error;
using common::ErrorKind;
using common::fail;
using common::Result;
using namespace std::chrono_literals;

constexpr int kMostLinks = 40;  // as the kernel
constexpr mode_t kUsualMode = 0644;
constexpr auto kLockPatience = 5s;
constexpr auto kLockLook = 10ms;

std::unexpected<common::Error> failed(const fs::path& path, std::string_view what, int code) {
  std::string why = std::generic_category().message(code);
  if (code == EROFS || code == EACCES || code == EPERM)
    why += ". Perch may not write there; if another tool makes this file (Nix, a configuration manager), change it there";
  return fail(ErrorKind::io, std::format("registry: {} cannot be {}: {}", path.string(), what, why));
}

// What the name means behind all links; it need not be there.
Result<fs::path> target_of(const fs::path& file) {
  fs::path at = fs::absolute(file);
  for (int links = 0; links < kMostLinks; ++links) {
    std::error_code no_link, unseen;
    const fs::path next = fs::read_symlink(at, no_link);
    if (no_link) return at;
    // A ".." in a link means what is above the folder that the link is really in, so nothing is left out of the path by its text alone.
    at = fs::weakly_canonical(at.parent_path(), unseen) / next;
    if (unseen) return failed(file, "followed to what it points at", unseen.value());
  }
  return fail(ErrorKind::io, std::format("registry: {} is a link to itself", file.string()));
}

Result<Descriptor> lock(const fs::path& folder) {
  Descriptor held(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!held) return failed(folder, "opened", errno);
  const auto give_up = std::chrono::steady_clock::now() + kLockPatience;
  while (::flock(held.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return failed(folder, "locked", errno);
    if (std::chrono::steady_clock::now() > give_up)
      return fail(ErrorKind::conflict,
                  std::format("registry: somebody else has {} locked for {} s", folder.string(), kLockPatience.count()));
    std::this_thread::sleep_for(kLockLook);
  }
  return held;
}

Result<std::optional<std::string>> text_if_any(const fs::path& file) {
  std::error_code ec;
  if (!fs::exists(file, ec) && !ec) return std::nullopt;
  auto text = read_text(file);
  if (!text) return fail(text.error());
  return std::optional(std::move(*text));
}

// Removed again unless it took the place of the file.
struct Partial {
  fs::path path;
  Descriptor descriptor;
  ~Partial() {
    if (!path.empty()) ::unlink(path.c_str());
  }
};

Result<void> write_all(int descriptor, std::string_view content, const fs::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno != EINTR) return failed(path, "written", errno);
    if (written > 0) content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> check_target(const Catalog& catalog, const std::string& id) {
  if (catalog.names_a_model(id)) return {};
  if (auto role = catalog.roles.find(id); role != catalog.roles.end())
    return fail(Error(ErrorKind::model_not_found, std::format("{} is a role, and a role points at a model's id: {}", id, role->second))
                    .in("model"));
  std::vector<std::string> known = catalog.peer_models();
  for (const auto& [each, model] : catalog.models) known.push_back(each);
  const std::string hint = common::did_you_mean(common::nearest_names(id, known));
  return fail(
      Error(ErrorKind::model_not_found, std::format("no model has the id \"{}\"{}", id.substr(0, 200),
                                                    hint.empty() ? "; GET /admin/v1/models lists those that there are" : ": " + hint))
          .in("model"));
}

Result<void> replace(const fs::path& target, const std::optional<std::string>& expected, std::string_view text, int folder) {
  std::string name = (target.parent_path() / ("." + target.filename().string() + ".XXXXXX")).string();
  Partial partial{.path = {}, .descriptor = Descriptor(::mkostemp(name.data(), O_CLOEXEC))};
  if (!partial.descriptor) return failed(target, "replaced", errno);
  partial.path = name;
  struct stat old {};
  const bool is_there = ::stat(target.c_str(), &old) == 0;
  // A folder that lets us replace a file that we may not write: somebody meant it to stay.
  if (is_there && ::faccessat(AT_FDCWD, target.c_str(), W_OK, AT_EACCESS) != 0) return failed(target, "replaced", errno);
  if (::fchmod(partial.descriptor.get(), is_there ? old.st_mode & 07777 : kUsualMode) != 0) return failed(partial.path, "written", errno);
  // Root may edit what belongs to somebody else. Who may not give a file away has it for his own, as with any editor.
  if (is_there && ::fchown(partial.descriptor.get(), old.st_uid, old.st_gid) != 0 && errno != EPERM)
    return failed(partial.path, "written", errno);
  if (auto written = write_all(partial.descriptor.get(), text, partial.path); !written) return written;
  if (::fsync(partial.descriptor.get()) != 0) return failed(partial.path, "written", errno);
  auto now = text_if_any(target);
  if (!now) return fail(now.error());
  if (*now != expected)
    return fail(ErrorKind::conflict,
                std::format("registry: {} was changed by somebody else at this moment; nothing was written", target.string()));
  if (::rename(partial.path.c_str(), target.c_str()) != 0) return failed(target, "replaced", errno);
  partial.path.clear();
  ::fsync(folder);  // the name is on the disk only once its folder is
  return {};
}

}  // namespace

Result<Written> edit_registry(const fs::path& file, const Edit& edit) {
  auto target = target_of(file);
  if (!target) return fail(target.error());
  auto folder = lock(target->parent_path());
  if (!folder) return fail(folder.error());
  auto before = text_if_any(*target);
  if (!before) return fail(before.error());
  auto after = edit(*before);
  if (!after) return fail(after.error());
  if (*before == *after) return Written{.before = **before, .after = *after, .target = *target};
  auto written = replace(*target, *before, *after, folder->get());
  if (!written) return fail(written.error());
  return Written{.before = before->value_or(""), .after = std::move(*after), .target = std::move(*target)};
}

Result<RoleWritten> write_role(const fs::path& file, const std::string& role, const std::string& id, bool force, FactsReader& facts,
                               const Catalog& before) {
  RoleWritten outcome;
  const Edit edit = [&](const std::optional<std::string>& text) -> Result<std::string> {
    if (!text) return fail(ErrorKind::io, std::format("registry: there is no {} to edit", file.string()));
    auto current = load_catalog(*text, file, facts, before);
    if (!current)
      return fail(ErrorKind::bad_request, "the file has to be mended before a role in it can be changed: " + current.error().message());
    if (!force) {
      if (auto known = check_target(*current, id); !known) return fail(known.error());
    }
    if (current->names_a_model(role) && role != id) {
      return fail(Error(ErrorKind::bad_request,
                        std::format("{} is the id of a model, and only that model may answer it: the role needs another name", role))
                      .in("role"));
    }
    if (auto old = current->roles.find(role); old != current->roles.end()) outcome.before = old->second;
    if (outcome.before == id) return *text;
    auto fresh = set_role(*text, role, id);
    if (!fresh) return fresh;
    auto catalog = load_catalog(*fresh, file, facts, *current);
    if (!catalog) return fail(catalog.error());
    return fresh;
  };
  auto edited = edit_registry(file, edit);
  if (!edited) return fail(edited.error());
  outcome.written = edited->before != edited->after;
  return outcome;
}

}  // namespace registry
