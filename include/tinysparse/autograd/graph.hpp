// SPDX-License-Identifier: Apache-2.0
// Graph: a computation recorded once and replayed for every batch, forwards and then backwards (reverse-mode automatic
// differentiation, Griewank 1989). Recording allocates everything; a replay allocates nothing.
//
// The batch is cut into groups of 16 samples. Joins are the places where all groups must meet, as in batch
// normalisation. Between two joins a group runs through all operations at once while its data is in the cache, and
// groups run on different threads. After the last join a group runs forwards and backwards in one go. Gradients of
// parameters are kept for each group and summed in the order of the groups, so a training gives the same weights for
// any number of threads.
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/base/threads.hpp"
#include "tinysparse/tensor/tensor.hpp"

namespace tinysparse::autograd {

using net::Shape;
using tensor::Lane;
using tensor::LaneArgument;
using tensor::LaneMask;
using tensor::Tensor;

/// Training records what backward passes need and uses batch statistics and noise; evaluation uses neither.
enum class Mode { training, evaluation };

/// A value of the graph: one picture for each sample, and the gradient of the loss with respect to it.
struct Variable {
    Shape shape;
    tensor::Halo value_halo, gradient_halo; ///< Borders that the reading operations need; known when recording ends.
    bool needs_gradient = true;             ///< False if it depends on no parameter, as the input.
    Tensor value, gradient;

    /// The value of one sample at one place, to read or set it by hand. Throws Error outside of the shape or of the
    /// batch, which is padded to whole groups of 16 samples.
    float& at(std::size_t sample, int channel, int row = 0, int column = 0) {
        if (sample >= value.groups() * tensor::lane_samples)
            throw Error(text("sample ", sample, " is not in a batch of ", value.groups() * tensor::lane_samples));
        if (channel < 0 || row < 0 || column < 0 || channel >= shape.channels || row >= shape.height ||
            column >= shape.width)
            throw Error(text("channel ", channel, ", row ", row, ", column ", column, " is not inside of ",
                             shape.channels, "x", shape.height, "x", shape.width));
        Lane& lane = value.group(sample / tensor::lane_samples).row(channel, row)[column];
        return reinterpret_cast<float*>(&lane)[sample % tensor::lane_samples];
    }

    /// Widens the border of zeros around the value, before recording ends.
    void need_value_halo(tensor::Halo halo) { widen(value_halo, halo); }
    /// Widens the border around the gradient, before recording ends.
    void need_gradient_halo(tensor::Halo halo) { widen(gradient_halo, halo); }

    /// Called once by every reader, in the order in which they run backwards. False for the first one, which overwrites
    /// the gradient; true for the others, which add to it.
    bool claim_gradient() { return std::exchange(claimed_, true); }

  private:
    static void widen(tensor::Halo& own, tensor::Halo other) {
        own = {std::max(own.height, other.height), std::max(own.width, other.width)};
    }
    bool claimed_ = false;
};

/// Numbers that training changes. What the kernels read may be a function of them, such as rounded or masked values;
/// the gradient then passes straight through to the value (Bengio, Leonard, Courville 2013).
class Parameter {
  public:
    /// All values are 0 until somebody sets them.
    Parameter(std::string own_name, std::size_t size) : name(std::move(own_name)), value(size), gradient(size) {}
    std::string name;
    std::vector<float> value, gradient;
    float rate_scale = 1; ///< Optimisers multiply their learning rate by it.
    /// If set: computes what the kernels read from the value, once per step.
    std::function<void(std::span<const float> value, std::span<float> used)> transform;

    /// The numbers that kernels read: `value`, or what `transform` made of it in the last prepare().
    std::span<const float> used() const { return transform ? std::span<const float>(used_) : value; }
    /// Runs `transform`, if there is one; the graph does so before each pass.
    void prepare() {
        if (transform) transform(value, used_);
    }
    /// Makes room for the partial gradients of this number of groups.
    void allocate(std::size_t groups) {
        partial_.assign(groups * value.size(), 0.0f);
        if (transform) used_.assign(value.size(), 0.0f);
    }
    /// Where an operation writes the gradient from one group.
    std::span<float> partial(std::size_t group) {
        return std::span(partial_).subspan(group * value.size(), value.size());
    }
    /// gradient = sum of the partial gradients in the order of the groups, for the elements begin .. end-1.
    void sum_partials(std::size_t begin, std::size_t end) {
        std::copy(partial_.begin() + std::ptrdiff_t(begin), partial_.begin() + std::ptrdiff_t(end),
                  gradient.begin() + std::ptrdiff_t(begin));
        for (std::size_t first = value.size(); first < partial_.size(); first += value.size())
            for (std::size_t i = begin; i < end; ++i) gradient[i] += partial_[first + i];
    }

  private:
    std::vector<float> partial_, used_;
};

/// One recorded operation. forward and backward see one group; prepare and the joins run once for all groups.
class Operation {
  public:
    virtual ~Operation() = default;
    /// Claims gradients (in backward order) and says which halos it needs.
    virtual void plan() = 0;
    /// Allocates scratch for this number of groups; runs after all planning.
    virtual void allocate(std::size_t /*groups*/) {}
    /// Runs before the groups, for what depends on parameters alone.
    virtual void prepare(Mode) {}
    /// Computes the value that the operation writes, for the 16 samples of a group.
    virtual void forward(std::size_t group, Mode mode) = 0;
    /// Computes the gradients of what the operation reads, and the group's partial gradients of its parameters.
    virtual void backward(std::size_t group) = 0;
    /// True if join_forward() must see all groups before the next operation runs.
    virtual bool joins_forward() const { return false; }
    /// Runs on one thread after forward() of all groups.
    virtual void join_forward(Mode) {}
    /// True if join_backward() must see all groups before the operation before it runs backwards.
    virtual bool joins_backward() const { return false; }
    /// Runs on one thread after backward() of all groups.
    virtual void join_backward() {}
};

/// Variables, parameters and operations of one network, in the order in which they run. It owns all of them.
class Graph {
  public:
    /// A graph for batches of at most `batch` samples.
    explicit Graph(std::size_t batch)
        : batch_(batch), groups_((batch + tensor::lane_samples - 1) / tensor::lane_samples), active_(groups_) {
        set_samples(batch);
    }
    Graph(const Graph&) = delete; // operations hold pointers into the graph
    Graph& operator=(const Graph&) = delete;

    /// Largest number of samples of a batch.
    std::size_t batch() const { return batch_; }
    /// Groups of 16 samples, the last one padded.
    std::size_t groups() const { return groups_; }

    /// Sets the number of real samples in the batch, 0..batch(). The others count neither in the loss nor in
    /// statistics. Throws Error for more than batch().
    void set_samples(std::size_t samples) {
        if (samples > batch_) throw Error(text(samples, " samples for a graph that takes batches of ", batch_));
        samples_ = samples;
        for (std::size_t i = 0; i < groups_ * tensor::lane_samples; ++i)
            active_[i / tensor::lane_samples][i % tensor::lane_samples] = i < samples ? 1.0f : 0.0f;
    }
    /// Samples of the current batch, 1..batch().
    std::size_t samples() const { return samples_; }
    /// 1 in the lanes of real samples, 0 in the others.
    const Lane& active(std::size_t group) const { return active_[group]; }
    /// True if all 16 lanes of the group hold samples of the current batch.
    bool is_full(std::size_t group) const { return (group + 1) * tensor::lane_samples <= samples_; }

    /// Adds a value. needs_gradient: false for the input. The reference stays valid as long as the graph. Throws Error
    /// if a length of the shape is below 1.
    Variable& variable(const Shape& shape, bool needs_gradient = true) {
        if (shape.channels < 1 || shape.height < 1 || shape.width < 1)
            throw Error(text("a variable of shape ", shape.channels, "x", shape.height, "x", shape.width,
                             " (channels, height, width); each is at least 1"));
        variables_.push_back(std::make_unique<Variable>());
        variables_.back()->shape = shape;
        variables_.back()->needs_gradient = needs_gradient;
        return *variables_.back();
    }
    /// Adds a parameter of `size` zeros. The name is for messages and does not have to be unique.
    Parameter& parameter(std::string name, std::size_t size) {
        parameters_.push_back(std::make_unique<Parameter>(std::move(name), size));
        return *parameters_.back();
    }
    /// Adds an operation, made from the arguments, with the graph before them if its constructor takes one.
    template <class Recorded, class... Arguments> Recorded& record(Arguments&&... arguments) {
        Recorded* operation = nullptr;
        if constexpr (std::is_constructible_v<Recorded, Graph&, Arguments...>)
            operation = new Recorded(*this, std::forward<Arguments>(arguments)...);
        else
            operation = new Recorded(std::forward<Arguments>(arguments)...);
        own(operation);
        return *operation;
    }
    /// All parameters in the order in which they were added.
    std::span<const std::unique_ptr<Parameter>> parameters() const { return parameters_; }

    /// Ends the recording: plans all operations, then allocates. Throws Error if none was recorded.
    void finish() {
        if (operations_.empty()) throw Error("a graph without operations computes nothing; record one");
        for (auto operation = operations_.rbegin(); operation != operations_.rend(); ++operation) (*operation)->plan();
        for (const auto& variable : variables_) {
            variable->value = Tensor(groups_, variable->shape, variable->value_halo);
            if (variable->needs_gradient)
                variable->gradient = Tensor(groups_, variable->shape, variable->gradient_halo);
        }
        for (const auto& parameter : parameters_) {
            parameter->allocate(groups_);
            for (std::size_t begin = 0; begin < parameter->value.size(); begin += piece_size)
                pieces_.push_back({parameter.get(), begin, std::min(begin + piece_size, parameter->value.size())});
        }
        for (const auto& operation : operations_) operation->allocate(groups_);
        cut_into_segments();
    }

    /// Runs the batch forwards on the team's threads; values of the last variables hold the answers.
    void forward(Mode mode, Team& team) {
        prepare(mode);
        for (const Segment& segment : forward_) {
            team.run(groups_, [&](std::size_t group, std::size_t) { run_forward(segment, group, mode); });
            join_forward(segment, mode);
        }
    }

    /// Runs the batch forwards and backwards, in training mode, and fills the gradients of all parameters.
    void step(Team& team) {
        prepare(Mode::training);
        for (const Segment& segment : std::span(forward_).first(forward_.size() - 1)) {
            team.run(groups_, [&](std::size_t group, std::size_t) { run_forward(segment, group, Mode::training); });
            join_forward(segment, Mode::training);
        }
        // The backward pass begins with the group whose values are in the cache, not with the last group.
        team.run(groups_, [&](std::size_t group, std::size_t) {
            run_forward(forward_.back(), group, Mode::training);
            run_backward(backward_.front(), group);
        });
        join_backward(backward_.front());
        for (const Segment& segment : std::span(backward_).subspan(1)) {
            team.run(groups_, [&](std::size_t group, std::size_t) { run_backward(segment, group); });
            join_backward(segment);
        }
        team.run(pieces_.size(), [&](std::size_t i, std::size_t) {
            pieces_[i].parameter->sum_partials(pieces_[i].begin, pieces_[i].end);
        });
    }

  private:
    /// Not part of record(): each of its many instances would bring a copy of the code that grows the vector.
    void own(Operation* operation) { operations_.push_back(std::unique_ptr<Operation>(operation)); }

    /// Elements begin .. end-1 of a parameter: small enough that threads get equal shares of all parameters.
    struct Piece {
        Parameter* parameter;
        std::size_t begin, end;
    };
    static constexpr std::size_t piece_size = 1024;

    /// Operations begin .. end-1, without a join between them.
    struct Segment {
        std::size_t begin, end;
    };

    /// Cuts the operations at their joins. The last forward segment has no join behind it; it is empty if the last
    /// operation has a join.
    void cut_into_segments() {
        const std::size_t count = operations_.size();
        std::size_t begin = 0;
        for (std::size_t i = 0; i < count; ++i)
            if (operations_[i]->joins_forward()) forward_.push_back({std::exchange(begin, i + 1), i + 1});
        forward_.push_back({begin, count});
        std::size_t end = count;
        for (std::size_t i = count; i-- > 0;)
            if (i == 0 || operations_[i]->joins_backward()) backward_.push_back({i, std::exchange(end, i)});
    }
    void prepare(Mode mode) {
        for (const auto& parameter : parameters_) parameter->prepare();
        for (const auto& operation : operations_) operation->prepare(mode);
    }
    void run_forward(const Segment& segment, std::size_t group, Mode mode) {
        for (std::size_t i = segment.begin; i < segment.end; ++i) operations_[i]->forward(group, mode);
    }
    void run_backward(const Segment& segment, std::size_t group) {
        for (std::size_t i = segment.end; i-- > segment.begin;) operations_[i]->backward(group);
    }
    void join_forward(const Segment& segment, Mode mode) {
        if (segment.end > segment.begin && operations_[segment.end - 1]->joins_forward())
            operations_[segment.end - 1]->join_forward(mode);
    }
    void join_backward(const Segment& segment) {
        if (operations_[segment.begin]->joins_backward()) operations_[segment.begin]->join_backward();
    }

    std::size_t batch_, groups_, samples_ = 0;
    std::vector<Lane> active_;
    std::vector<std::unique_ptr<Variable>> variables_;
    std::vector<std::unique_ptr<Parameter>> parameters_;
    std::vector<std::unique_ptr<Operation>> operations_;
    std::vector<Piece> pieces_;
    std::vector<Segment> forward_, backward_; ///< In the order in which they run.
};

} // namespace tinysparse::autograd
