// SPDX-License-Identifier: Apache-2.0
#include "common.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>
#include <unistd.h>

#include "picks.hpp"
#include "tinysparse/base/characters.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/base/rows.hpp"
#include "tinysparse/data/camera_pictures.hpp"
#include "tinysparse/data/images.hpp"
#include "tinysparse/data/load.hpp"
#include "tinysparse/data/unlabelled.hpp"
#include "tinysparse/deploy/export.hpp"
#include "tinysparse/fixed/model_file.hpp"
#include "tinysparse/nn/input_shape.hpp"

namespace tinysparse::cli {

data::Dataset load_data(const std::string& spec) { return data::load(spec, data::image_support()); }

fixed::Model load_model(const std::string& word) {
    if (names_folder(word)) refuse_folder(word);
    std::error_code no_file;
    if (std::filesystem::exists(word, no_file)) return fixed::load_model(word);
    if (word.find('#') == word.npos)
        throw Error(text(word, ": No such file or directory; expected a model file, or a model of a run as run#17 or "
                               "run#best"));
    return model_in_run(word);
}

Option split_option() {
    return {"split", "NAME", "Part of the data: val or test (test).", 0, false, false, names_of(parts)};
}

const Part& part_of(const Arguments& arguments) { return *row_named(parts, arguments.value_or("split", "test")); }

const data::Split& samples_of(const data::Dataset& set, const Part& part) {
    const data::Split& samples = set.part(part.part);
    if (samples.samples == 0) throw Error(text(set.name, ": the ", part.name, " part has no samples"));
    return samples;
}

Option error_option(const std::string& help) {
    return {"error",
            "KIND",
            help + ": plain, balanced (1 - mean recall) or macro-f1 (plain); rmse for target numbers.",
            0,
            false,
            false,
            names_of(judge::error_kinds)};
}

judge::ErrorKind error_kind(const Arguments& arguments) {
    return row_named(judge::error_kinds, arguments.value_or("error", "plain"))->kind;
}

judge::ErrorKind error_kind(const Arguments& arguments, const data::Dataset& set) {
    const judge::ErrorKind kind = error_kind(arguments);
    const bool numbers = set.answers_numbers();
    if (arguments.has("error") && numbers != (kind == judge::ErrorKind::rmse))
        throw UsageError(text("--error ", judge::info(kind).name,
                              numbers ? ": the answers are numbers, whose error is rmse; leave --error out"
                                      : ": the answers are classes; rmse is for data with task=regression"));
    return numbers ? judge::ErrorKind::rmse : kind;
}

Option class_weights_option() {
    return {"class-weights",
            "HOW",
            "Weights of the classes in the loss: none, or balanced: every class has the same total weight (none).",
            0,
            false,
            false,
            names_of(nn::class_weightings)};
}

nn::ClassWeights class_weights(const Arguments& arguments) {
    return row_named(nn::class_weightings, arguments.value_or("class-weights", "none"))->value;
}

void refuse_for_numbers(const Arguments& arguments, const data::Dataset& set,
                        std::initializer_list<const char*> options) {
    for (const char* option : options)
        if (set.answers_numbers() && arguments.has(option))
            throw UsageError(text("--", option, " is for classes; the data's answers are numbers"));
}

std::size_t sample_count(const Arguments& arguments, const data::Split& part) {
    const auto wanted = arguments.number_or<std::size_t>("samples", 100, 1, 1000000);
    if (arguments.has("samples") && wanted > part.samples)
        say(text("the part has ", part.samples, " samples; all of them are run"));
    return std::min(wanted, part.samples);
}

namespace {

/// Throws Error if the numbers of the data are those of the model in another order.
void check_quantities(const fixed::Model& model, const data::Dataset& set) {
    if (model.quantities.size() != set.quantities.size()) return; // check_fits() refuses it
    std::vector<std::string> names;
    for (const Quantity& quantity : model.quantities) names.push_back(quantity.name);
    for (std::size_t k = 0; k < names.size(); ++k) {
        const std::string& given = set.quantities[k].name;
        if (given != names[k] && std::find(names.begin(), names.end(), given) != names.end())
            throw Error(text(set.name, ": number ", k + 1, " of the answers is ", given, ", in the model it is ",
                             names[k], "; use label=", join(names, "+")));
    }
}

} // namespace

void check_answers(const fixed::Model& model, const data::Dataset& set) {
    if (model.quantities.empty() == set.answers_numbers())
        throw Error(text(set.name, set.answers_numbers()
                                       ? ": the data have numbers to predict, but the model predicts classes"
                                       : ": the data have classes, but the model predicts numbers; task=regression "
                                         "reads labels as numbers"));
    check_quantities(model, set);
    const std::vector<std::string>&own = model.class_names, &given = set.class_names;
    if (own.size() != given.size()) return; // check_fits() refuses it, or the model does not name its classes
    for (std::size_t c = 0; c < own.size(); ++c)
        if (given[c] != own[c] && std::find(own.begin(), own.end(), given[c]) != own.end())
            throw Error(text(set.name, ": class ", c + 1, " is ", given[c], ", the model's class ", c + 1, " is ",
                             own[c], "; use data with the model's classes in its order: ", join(own, ", ")));
    const bool shared = std::any_of(own.begin(), own.end(), [&](const std::string& name) {
        return std::find(given.begin(), given.end(), name) != given.end();
    });
    if (!own.empty() && !shared)
        say(text("warning: no class of the data has a name of the model's; ", join(given, ", "), " were taken as ",
                 join(own, ", "), " in this order"));
    for (std::size_t c = 0; shared && c < own.size(); ++c)
        if (given[c] != own[c])
            say(text("note: class ", c + 1, " is called ", given[c], " in the data and ", own[c], " in the model"));
}

/// Throws Error unless the data have the model's channels, in the same order and in raw steps of the same size.
void check_channels(const fixed::Model& model, const data::Dataset& set) {
    if (model.channels.size() != set.channels.size()) return; // the model does not name its channels
    std::vector<std::string> names;
    for (const Channel& channel : model.channels) names.push_back(channel.name);
    for (std::size_t c = 0; c < names.size(); ++c) {
        const Channel &own = model.channels[c], &given = set.channels[c];
        if (own.name != given.name && std::find(names.begin(), names.end(), given.name) != names.end())
            throw Error(text(set.name, ": channel ", c + 1, " is ", given.name, ", but the model's channel ", c + 1,
                             " is ", own.name, "; add columns=", join(names, "+")));
        if (!own.name.empty() && !given.name.empty() && lower_case(own.name) != lower_case(given.name))
            throw Error(text(set.name, ": channel ", c + 1, " is ", given.name, ", but the model reads ", own.name,
                             "; use data with that sensor, or rename the column if it is the same"));
        if (own.origin != given.origin || own.scale != given.scale)
            throw Error(text(set.name, ": channel ", c + 1, " would be (reading - ", given.origin, ") * ", given.scale,
                             ", but the model takes (reading - ", own.origin, ") * ", own.scale,
                             "; its range differs from that of the data that the model was trained on"));
    }
}

namespace {

/// Throws Error unless the data have samples of the model's shape. Pictures were given the model's size unless the
/// request has another, so that their own is not named.
void check_shape(const fixed::Model& model, const data::Dataset& set, const data::Request& request) {
    const net::Shape& in = model.network.spec.input;
    const bool series = model.network.input.series, pictures = !series && !set.is_series();
    if (pictures && in.channels != set.shape.channels)
        throw Error(text(set.name, " has pictures with ", set.shape.channels,
                         set.shape.channels == 1 ? " channel" : " channels", "; the model needs ", in.channels,
                         in.channels == 1   ? " (grey)"
                         : in.channels == 3 ? " (colour)"
                                            : ""));
    if (in == nn::input_shape(set) && series == set.is_series()) return;
    throw Error(text("the model takes ", series ? "series" : "pictures", " of ", in.channels, "x", in.height, "x",
                     in.width, ", but ", set.name, " has ", set.is_series() ? "series" : "pictures", " of ",
                     set.shape.channels, "x", set.shape.height, "x", set.shape.width,
                     pictures && request.size ? "; leave size= out, and they get the model's size" : ""));
}

} // namespace

void check_fits(const fixed::Model& model, const data::Dataset& set, const data::Request& request) {
    check_shape(model, set, request);
    const int outputs = net::shapes(model.network.spec).classes;
    if (std::size_t(outputs) != set.outputs())
        throw Error(set.answers_numbers()
                        ? text("the model predicts ", outputs, " numbers, but ", set.name, " has ", set.outputs())
                        : text("the model predicts ", outputs, " classes, but ", set.name, " has ", set.classes()));
    check_answers(model, set);
    check_channels(model, set);
}

data::Request request_for(const fixed::Model& model, const std::string& spec) {
    data::Request request = data::parse_spec(spec);
    const net::Shape& in = model.network.spec.input;
    if (!model.network.input.series) request.model = {in.channels, in.height, in.width, model.network.input.camera};
    return request;
}

namespace {

/// Says what was done to samples so that they fit the model, unless the request asks for it or the data that the model
/// was trained on needed it too.
void say_preparation(const fixed::Model& model, const data::Dataset& set, const data::Request& request) {
    if (request.size || request.shrink) return;
    for (const std::string& duty : set.duties)
        if (std::find(model.duties.begin(), model.duties.end(), duty) == model.duties.end())
            say(text("note: ", set.name, " was prepared for the model: ", duty));
}

} // namespace

data::Dataset load_data_for(const fixed::Model& model, data::Request request) {
    data::Dataset set = data::load(request, data::image_support());
    const net::Shape& in = model.network.spec.input;
    const data::Shape wanted{in.channels, in.height, in.width};
    if (set.shape != wanted && set.shape.size() == wanted.size() && request.synthetic.empty() && !request.shape &&
        !request.window && !request.size && set.is_series()) {
        request.shape = wanted;
        set = data::load(request, data::image_support());
    }
    check_fits(model, set, request);
    say_preparation(model, set, request);
    return set;
}

data::Unlabelled load_unlabelled(const std::string& path, const data::NetworkInput& input) {
    return data::read_unlabelled(path, input, data::image_support());
}

simulator::SampleSource source_of(const fixed::Model& model, const data::Dataset& set, const Part& part,
                                  const data::Request& request) {
    const std::optional<Camera>& camera = model.network.input.camera;
    if (camera && set.camera != camera)
        throw Error(
            text(set.name, ": this model's camera gives pictures of ", camera->height, "x", camera->width, " pixels (",
                 info(camera->pixels).name, "), but these are ",
                 set.camera ? text(set.camera->height, "x", set.camera->width, " (", info(set.camera->pixels).name, ")")
                            : text(set.shape.height, "x", set.shape.width),
                 "; use pictures of that size, or train a model with these"));
    return camera ? source_of(set, part, request) : samples_of(set, part);
}

simulator::SampleSource source_of(const data::Dataset& set, const Part& part, const data::Request& request) {
    const data::Split& split = samples_of(set, part);
    if (!set.camera) return split;
    const auto pictures = std::make_shared<data::CameraPictures>(set, request, data::image_support());
    return {split, [pictures, which = part.part](std::size_t sample) { return (*pictures)(which, sample); }};
}

std::vector<std::string> doubts_of_size(const fixed::Model& model, const fixed::Program& program,
                                        const cost::Target& target) {
    std::vector<std::string> doubts;
    const auto judge = [&](const char* memory, double taken, const char* of_what, double margin, std::size_t there) {
        if (taken + margin > double(there))
            doubts.push_back(text(memory, " may be too small: the program takes about ", std::llround(taken), " bytes",
                                  of_what, " (within ", std::llround(margin), "), ", target.name, " has ", there,
                                  "; tinysparse simulate measures it"));
    };
    const deploy::DeviceFigures figures = deploy::figures_on(model, program, target);
    const cost::Margins margins = cost::margins(target, model.network.input.series);
    if (const auto flash = figures.flash_bytes)
        judge("flash", double(*flash), "", margins.flash* double(*flash), target.flash);
    if (const auto ram = figures.ram_bytes)
        judge("RAM", double(*ram + deploy::ram_beside(model.network)), " with its stack", margins.ram, target.ram);
    return doubts;
}

std::string read_text(const std::string& path, std::uint64_t most, std::string_view expected) {
    std::string content = read_file(path, most);
    if (content.find('\0') != content.npos) throw Error(text(path, ": this is not a text file; expected ", expected));
    return content;
}

namespace {

[[noreturn]] void refuse_output(const std::string& path, int code) {
    throw SystemError(text(path, ": cannot write: ", std::generic_category().message(code)), code);
}

/// Throws SystemError if a device takes no bytes, as /dev/full.
void check_device(const std::string& path) {
    const int device = ::open(path.c_str(), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (device < 0) refuse_output(path, errno);
    const int code = ::write(device, "", 0) < 0 ? errno : 0;
    ::close(device);
    if (code != 0) refuse_output(path, code);
}

} // namespace

void check_output(const std::string& path) {
    namespace fs = std::filesystem;
    const std::string parent = fs::path(path).parent_path().string();
    std::error_code code;
    if (!parent.empty() && !fs::is_directory(parent, code))
        throw Error(text(path, ": there is no folder ", parent, " to write to"));
    const fs::file_status status = fs::status(path, code);
    if (status.type() == fs::file_type::none) refuse_output(path, code.value());
    if (fs::is_directory(status)) throw Error(text(path, ": this is a folder; give the name of a file in it"));
    if (fs::exists(status) && ::access(path.c_str(), W_OK) != 0) refuse_output(path, errno);
    if (fs::is_character_file(status)) check_device(path);
    const bool in_place = fs::exists(status) && !fs::is_regular_file(status);
    if (in_place || path.starts_with("/dev/") || path.starts_with("/proc/self/fd/")) return;
    const fs::path place = fs::weakly_canonical(path, code); // a new file is made beside the one that links lead to
    if (code) refuse_output(path, code.value());
    const std::string trial = part_path((place.parent_path() / "tinysparse").string());
    try {
        write_file(trial, "", false);
        fs::remove(trial, code);
    } catch (const SystemError& error) {
        refuse_output(path, error.code());
    }
}

void print(std::string_view text) { print_data(printable(text, true)); }

void print_data(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
        throw SystemError(
            tinysparse::text("standard output cannot be written: ", std::generic_category().message(errno)), errno);
}

void say(std::string_view sentence) {
    const std::string line = text("tinysparse: ", replaced(printable(sentence, true), "\n", "\n    "), "\n");
    std::fwrite(line.data(), 1, line.size(), stderr);
}

void say_all(const std::vector<std::string>& sentences) {
    for (const std::string& sentence : sentences) say(sentence);
}

namespace {
std::atomic<int> signals{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may only touch lock-free atomics");

void note_signal(int) {
    if (signals.fetch_add(1) > 0) _exit(exit_interrupted);
}
} // namespace

void catch_signals() {
    struct sigaction action {};
    action.sa_handler = note_signal;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    struct sigaction hang_up {};
    sigaction(SIGHUP, nullptr, &hang_up);
    if (hang_up.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr); // nohup ignores it
}

bool interrupted() { return signals.load() > 0; }

} // namespace tinysparse::cli
