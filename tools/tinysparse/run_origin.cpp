// SPDX-License-Identifier: Apache-2.0
#include "run_origin.hpp"

#include <filesystem>

#include "common.hpp"
#include "tinysparse/search/run.hpp"

namespace tinysparse::cli {

namespace {

/// Makes a folder the working folder during its own lifetime, if the folder exists.
class WorkingFolder {
  public:
    explicit WorkingFolder(const std::string& folder) : back_(std::filesystem::current_path()) { enter(folder); }
    WorkingFolder(const WorkingFolder&) = delete;
    WorkingFolder& operator=(const WorkingFolder&) = delete;
    ~WorkingFolder() { enter(back_); }

  private:
    static void enter(const std::filesystem::path& folder) {
        std::error_code gone;
        std::filesystem::current_path(folder, gone);
    }
    std::filesystem::path back_;
};

/// The result of `of` in the folder where the run began, or in this folder if it throws Error there.
template <class Of> auto where_it_began(const search::RunHead& head, const Of& of) {
    if (!head.folder.empty()) try {
            const WorkingFolder there(head.folder);
            return of();
        } catch (const Error&) {
        }
    return of();
}

} // namespace

void read_target(const search::RunHead& head) {
    where_it_began(head, [&] { return &cost::target(head.target); });
}

data::Dataset data_of(const search::RunHead& head) {
    return where_it_began(head, [&] { return load_data(head.data); });
}

data::Request request_of(const search::RunHead& head) {
    return where_it_began(head, [&] {
        data::Request request = data::parse_spec(head.data);
        if (request.path.empty()) return request;
        if (!std::filesystem::exists(request.path)) throw Error(text(request.path, ": no such file or folder"));
        request.path = std::filesystem::absolute(request.path).string();
        return request;
    });
}

namespace {

/// The folder of RUN#ID; nothing for a model file.
std::optional<std::string> run_of(const std::string& model) {
    std::error_code no_file;
    const std::size_t hash = model.rfind('#');
    if (hash == model.npos || std::filesystem::exists(model, no_file)) return std::nullopt;
    return model.substr(0, hash);
}

} // namespace

std::optional<std::string> board_of_run(const std::string& model) {
    const std::optional<std::string> run = run_of(model);
    if (!run) return std::nullopt;
    const search::RunHead head = search::read_run(*run).head;
    read_target(head);
    return head.target;
}

std::optional<std::string> mixed_builds_of_run(const std::string& model) {
    const std::optional<std::string> run = run_of(model);
    if (!run) return std::nullopt;
    const search::RunLog log = search::read_run(*run);
    return search::mixed_builds(log.head.build, log.continued_by);
}

const cost::Target& board_for(const Arguments& arguments, const std::string& model) {
    if (const auto named = arguments.value("target")) return cost::target(*named);
    const std::optional<std::string> found = board_of_run(model);
    if (!found) return cost::target("uno");
    const cost::Target& board = cost::target(*found);
    if (board.name == "none") {
        say("the run is for no board; uno is taken, --target names another");
        return cost::target("uno");
    }
    say(text("the board is ", board.name, ", as in the run; --target names another"));
    return board;
}

} // namespace tinysparse::cli
