#include "registry/folder_scan.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <format>
#include <fstream>
#include <iomanip>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "registry/file_identity.hpp"
#include "registry/model_files.hpp"
#include "registry/model_names.hpp"

namespace registry {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHubPrefix = "models--";
constexpr std::string_view kOtherHubPrefixes[] = {"datasets--", "spaces--"};
constexpr std::size_t kRevisionDigits = 40;  // of a commit, hexadecimal

// "org/name" of "models--org--name"; nothing: it is no such folder.
std::optional<std::string> hub_repository(const fs::path& folder) {
  std::string name = folder.filename().string();
  if (!name.starts_with(kHubPrefix)) return std::nullopt;
  name.erase(0, kHubPrefix.size());
  if (auto between = name.find("--"); between != std::string::npos) name.replace(between, 2, "/");
  return name;
}

bool is_of_another_kind(const std::string& name) {
  return std::ranges::any_of(kOtherHubPrefixes, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

// The revision that refs/main names; empty: none.
std::string revision_in(const fs::path& ref) {
  std::error_code unknown;
  if (!fs::is_regular_file(ref, unknown)) return {};
  std::ifstream in(ref);
  std::string revision;
  in >> std::setw(static_cast<int>(kRevisionDigits) + 1) >> revision;  // whatever else the file holds
  const bool is_commit =
      revision.size() == kRevisionDigits && std::ranges::all_of(revision, [](unsigned char c) { return std::isxdigit(c); });
  return is_commit ? revision : "";
}

class Scan {
 public:
  explicit Scan(const ModelFolder& folder) : folder_(folder) {}

  FolderScan run() {
    const fs::path root = folder_.path.has_filename() ? folder_.path : folder_.path.parent_path();  // written with a slash at its end
    if (auto repository = hub_repository(root)) {
      add_hub_repository(root, *repository);
    } else {
      add_root();
    }
    for (Model& model : scan_.models) {
      model.discovered = true;
      model.found_in = folder_.path;
      measure(model);
    }
    return std::move(scan_);
  }

 private:
  struct Listing {
    std::vector<fs::path> files, folders;  // sorted; files are those that may be models
    std::string problem;                   // why it cannot be read
  };

  Listing list(const fs::path& folder) {
    Listing listing;
    if (scan_.visited.size() >= kMostVisited) return too_much(), listing;
    struct stat here {};
    // Each folder once, whatever links lead to it: links may go in circles.
    if (::stat(folder.c_str(), &here) == 0 && !seen_.emplace(here.st_dev, here.st_ino).second) return listing;
    scan_.visited.push_back(folder);
    std::error_code ec;
    for (fs::directory_iterator it(folder, ec), end; !ec && it != end; it.increment(ec)) {
      if (++entries_ > kMostEntries) return too_much(), listing;
      const std::string name = it->path().filename().string();
      if (name.starts_with('.')) continue;
      std::error_code unknown;
      if (it->is_directory(unknown)) listing.folders.push_back(it->path());
      else if (is_unfinished_name(name)) leave_out(it->path(), "its download is not complete");
      else if (!is_gguf_name(name)) continue;
      else if (it->is_regular_file(unknown)) listing.files.push_back(it->path());
      else if (it->is_symlink(unknown))
        leave_out(it->path(), "it is a link to nothing: a download was broken off, or what it points at was deleted");
      else leave_out(it->path(), "it is no regular file");
    }
    if (ec) listing.problem = ec.message();
    std::ranges::sort(listing.files);
    std::ranges::sort(listing.folders);
    return listing;
  }

  Listing list_below(const fs::path& folder) {
    Listing listing = list(folder);
    if (!listing.problem.empty()) leave_out(folder, "it cannot be read: " + listing.problem);
    return listing;
  }

  void add_root() {
    Listing root = list(folder_.path);
    scan_.problem = root.problem;
    if (folder_.layout == Layout::any || folder_.layout == Layout::plain) add_plain(root.files);
    if (folder_.layout == Layout::plain) return;
    for (const fs::path& child : root.folders) {
      if (is_of_another_kind(child.filename().string())) continue;
      if (auto repository = hub_repository(child)) {
        if (folder_.layout != Layout::lmstudio) add_hub_repository(child, *repository);
      } else if (folder_.layout != Layout::huggingface) {
        add_publisher(child);
      } else if (child.filename() == "hub") {  // what is named is the folder above the cache
        for (const fs::path& each : list_below(child).folders) {
          if (auto inside = hub_repository(each)) add_hub_repository(each, *inside);
        }
      }
    }
  }

  // A folder of a publisher; or one of a single model, as llama-server's --models-dir has them.
  void add_publisher(const fs::path& folder) {
    Listing publisher = list_below(folder);
    add_plain(publisher.files);
    for (const fs::path& child : publisher.folders) {
      if (auto repository = hub_repository(child)) add_hub_repository(child, *repository);
      else add_repository(std::format("{}/{}", folder.filename().string(), child.filename().string()), files_below(child));
    }
  }

  // By their paths in the repository.
  using Files = std::map<std::string, fs::path>;

  Files files_below(const fs::path& repository) {
    Files files;
    collect(repository, "", 0, files);
    return files;
  }

  void collect(const fs::path& folder, const std::string& prefix, int depth, Files& files) {
    const Listing listing = list_below(folder);
    for (const fs::path& file : listing.files) files.emplace(prefix + file.filename().string(), file);
    if (depth >= kDeepest) return;
    for (const fs::path& child : listing.folders) collect(child, std::format("{}{}/", prefix, child.filename().string()), depth + 1, files);
  }

  void add_hub_repository(const fs::path& folder, const std::string& repository) {
    const std::size_t before = scan_.left_out.size();
    const fs::path refs = folder / "refs", snapshots = folder / "snapshots", main = refs / "main";
    for (const fs::path& each : {folder, refs, main}) scan_.visited.push_back(each);
    const std::string current = revision_in(main);
    std::map<std::string, Files> revisions;
    std::error_code ec;
    if (fs::is_directory(snapshots, ec)) {
      for (const fs::path& revision : list_below(snapshots).folders) revisions.emplace(revision.filename().string(), files_below(revision));
    }
    Files files = std::exchange(revisions[current], {});
    // What only earlier revisions have is still there: its id is that of the same file. Which of several is meant nobody knows.
    std::map<std::string, std::vector<fs::path>> elsewhere;
    for (const auto& [revision, theirs] : revisions) {
      for (const auto& [path, file] : theirs) {
        if (!files.contains(path)) elsewhere[path].push_back(file);
      }
    }
    for (const auto& [path, candidates] : elsewhere) {
      std::set<std::string> identities;
      for (const fs::path& file : candidates) identities.insert(file_identity(file));
      if (identities.size() == 1) files.emplace(path, candidates.front());
      else
        leave_out(folder / path,
                  std::format("{} revisions of it are there, and refs/main names none of them: name the one that is meant in the "
                              "registry's catalog",
                              identities.size()));
    }
    const bool has_any = !files.empty() || scan_.left_out.size() > before || repository.contains("GGUF") || repository.contains("gguf");
    add_repository(repository, files);
    if (has_any) add_unfinished(folder);
  }

  void add_unfinished(const fs::path& folder) {
    const fs::path blobs = folder / "blobs";
    if (scan_.visited.size() >= kMostVisited) return too_much();
    scan_.visited.push_back(blobs);
    std::size_t unfinished = 0;
    std::error_code ec;
    for (fs::directory_iterator it(blobs, ec), end; !ec && it != end; it.increment(ec)) {
      if (++entries_ > kMostEntries) return too_much();
      const std::string extension = it->path().extension().string();
      if (extension == ".incomplete" || extension == ".downloadInProgress") ++unfinished;
    }
    if (unfinished > 0) {
      leave_out(folder, std::format("{} into it {} not complete ({}/*.incomplete)",
                                    unfinished == 1 ? "a download" : std::format("{} downloads", unfinished),
                                    unfinished == 1 ? "is" : "are", blobs.string()));
    }
  }

  void add_plain(const std::vector<fs::path>& files) {
    if (files.empty()) return;
    Files by_name;
    for (const fs::path& file : files) by_name.emplace(file.filename().string(), file);
    add(name_plain(names_of(by_name)), by_name);
  }

  void add_repository(const std::string& repository, const Files& files) {
    if (!files.empty()) add(name_repository(repository, names_of(files)), files);
  }

  static std::vector<std::string> names_of(const Files& files) {
    std::vector<std::string> names;
    for (const auto& [name, file] : files) names.push_back(name);
    return names;
  }

  void add(NamedFiles named, const Files& files) {
    const auto path_of = [&files](const std::string& name) {
      auto known = files.find(name);
      return known == files.end() ? files.begin()->second.parent_path() : known->second;
    };
    for (const NamedFile& model : named.models) {
      Model found{.id = model.id, .artifact = path_of(model.file)};
      if (!model.projector.empty()) found.projector = path_of(model.projector);
      scan_.models.push_back(std::move(found));
    }
    for (const LeftOut& each : named.left_out) leave_out(path_of(each.path.string()), each.why);
    std::ranges::move(named.notices, std::back_inserter(scan_.notices));
  }

  void leave_out(const fs::path& path, std::string why) { scan_.left_out.push_back({path, std::move(why)}); }

  void too_much() {
    if (std::exchange(is_too_much_, true)) return;
    leave_out(folder_.path,
              std::format("it holds more than {} files or {} folders, and the rest was not looked at: name the folders that are meant "
                          "one by one in model_dirs",
                          kMostEntries, kMostVisited));
  }

  ModelFolder folder_;
  FolderScan scan_;
  std::set<std::pair<dev_t, ino_t>> seen_;
  std::size_t entries_ = 0;
  bool is_too_much_ = false;
};

}  // namespace

FolderScan scan_folder(const ModelFolder& folder) { return Scan(folder).run(); }

}  // namespace registry
