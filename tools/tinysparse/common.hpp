// SPDX-License-Identifier: Apache-2.0
// Code that the subcommands share: data sets and models by their names on the command line, output, interruption.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "arguments.hpp"
#include "sample_bytes.hpp"
#include "tinysparse/base/command_line.hpp"
#include "tinysparse/cost/target.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/spec.hpp"
#include "tinysparse/fixed/model.hpp"
#include "tinysparse/fixed/program.hpp"
#include "tinysparse/judge/confusion.hpp"
#include "tinysparse/nn/class_weights.hpp"

namespace tinysparse::data {
struct NetworkInput; // data/unlabelled.hpp
struct Unlabelled;
} // namespace tinysparse::data

namespace tinysparse::cli {

/// The data set that SPEC names; pictures can be read.
data::Dataset load_data(const std::string& spec);

/// The model that MODEL names: a model file, or RUN#ID or RUN#RULE for one of a run, see model_in_run().
fixed::Model load_model(const std::string& word);

/// A value of --split, with the name of the accuracy on this part in JSON.
struct Part {
    std::string_view name, accuracy;
    data::Part part;
};
inline constexpr Part parts[] = {{"val", "validation_accuracy", data::Part::validation},
                                 {"test", "test_accuracy", data::Part::test}};

/// The option --split, and the part that it names.
Option split_option();
const Part& part_of(const Arguments& arguments);
/// Throws Error if the part has no samples.
const data::Split& samples_of(const data::Dataset& set, const Part& part);

/// The options --error and --class-weights, and their values. `help`: the purpose of the error, without a full stop.
Option error_option(const std::string& help);
judge::ErrorKind error_kind(const Arguments& arguments);
/// The kind of error for these data. Throws UsageError if the kind does not suit their answers.
judge::ErrorKind error_kind(const Arguments& arguments, const data::Dataset& set);
Option class_weights_option();
nn::ClassWeights class_weights(const Arguments& arguments);
/// Throws UsageError if one of the options was given and the data's answers are numbers.
void refuse_for_numbers(const Arguments& arguments, const data::Dataset& set,
                        std::initializer_list<const char*> options);

/// Number of samples to run: that of --samples (100), or with a message all of the part if it has fewer.
std::size_t sample_count(const Arguments& arguments, const data::Split& part);

/// Throws Error if the model's answers are of another kind than those of the data, or if classes (or numbers) are in
/// another order, so that answers would get wrong names. Prints a note if only the names differ.
void check_answers(const fixed::Model& model, const data::Dataset& set);
/// Throws Error unless the model accepts samples of these data, which were read by `request`, and predicts their
/// classes or numbers.
void check_fits(const fixed::Model& model, const data::Dataset& set, const data::Request& request);

/// The request of a SPEC for a model: pictures get the model's size, colours and camera unless the SPEC says otherwise.
data::Request request_for(const fixed::Model& model, const std::string& spec);
/// The data of a request. If rows of a table have as many numbers as the model's input but another shape, they are read
/// again in the shape that the model was trained with. Throws what load_data() and check_fits() throw.
data::Dataset load_data_for(const fixed::Model& model, data::Request request);
/// The samples of one picture or recording without a label. Throws what data::read_unlabelled() throws.
data::Unlabelled load_unlabelled(const std::string& path, const data::NetworkInput& input);
/// A part of the data as a device receives it, from its camera if the model has one. The set must outlive the result.
/// Throws Error if size or pixel format of the pictures are not those of the model's camera.
simulator::SampleSource source_of(const fixed::Model& model, const data::Dataset& set, const Part& part,
                                  const data::Request& request);
/// The source for a model that was trained with these data.
simulator::SampleSource source_of(const data::Dataset& set, const Part& part, const data::Request& request);

/// A sentence for each memory of a board that the exported program may exceed: the prediction is larger than the
/// memory, or smaller by less than the error of predictions. Only the linker, and for the stack a simulation, gives
/// exact bytes.
std::vector<std::string> doubts_of_size(const fixed::Model& model, const fixed::Program& program,
                                        const cost::Target& target);

/// The text of a file. Throws Error if it cannot be read, is longer than `most` bytes or is no text; `expected`: what
/// it should be.
std::string read_text(const std::string& path, std::uint64_t most, std::string_view expected);

/// Throws Error if this file cannot be written: there is no such folder, or it may not be written to, or the path is
/// that of a folder. For commands that would find this only after long work.
void check_output(const std::string& path);

/// print() writes text for people to standard output, made printable; print_data() writes data for programs unchanged.
/// Both throw Error if that fails (full disk, closed pipe).
void print(std::string_view text);
void print_data(std::string_view text);
/// Writes "tinysparse: " and the sentence to standard error, made printable; further lines are indented.
void say(std::string_view sentence);
void say_all(const std::vector<std::string>& sentences);

/// From now on SIGINT, SIGTERM and SIGHUP only set a flag, see interrupted(). A second one ends the program at once
/// with status 130.
void catch_signals();
bool interrupted();

inline constexpr int exit_interrupted = 130;

} // namespace tinysparse::cli
