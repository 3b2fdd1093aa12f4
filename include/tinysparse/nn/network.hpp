// SPDX-License-Identifier: Apache-2.0
// Network: a Spec with weights, recorded as a graph. Two forms of one network:
//   free      float weights, batch normalisation where the Spec has it: training begins with this form
//   on grids  no batch normalisation; weights, biases and activations are rounded to the grids of the integer
//             network, so that the forward pass gives exactly its numbers (see fixed/)
#pragma once
#include <cmath>
#include <functional>
#include <memory>
#include <vector>

#include "tinysparse/autograd/distillation.hpp"
#include "tinysparse/autograd/dropout.hpp"
#include "tinysparse/autograd/elementwise.hpp"
#include "tinysparse/autograd/linear.hpp"
#include "tinysparse/autograd/loss.hpp"
#include "tinysparse/autograd/normalisation.hpp"
#include "tinysparse/autograd/pooling.hpp"
#include "tinysparse/autograd/squared_error.hpp"
#include "tinysparse/autograd/tree.hpp"
#include "tinysparse/base/random.hpp"
#include "tinysparse/net/count.hpp"

namespace tinysparse::nn {

/// The grids of one layer of an integer network.
struct LayerGrids {
    autograd::Grid weights, biases;
    bool has_bias = true;
    autograd::Grid own; ///< Grid of the operation's result before a residual; in a tree, of W z; unused in other heads.
    autograd::Grid residual, output;   ///< With a residual: grids of the other side and of the sum.
    autograd::AverageRounding average; ///< Used if the layer is pooled by averages.
};

/// Inputs and outputs of a layer's operation, for code that records another operation in its place.
struct LayerRecording {
    std::size_t layer;
    autograd::LinearForm form;
    autograd::Variable& x;
    autograd::Parameter& weights;
    autograd::Parameter* biases; ///< Null if the layer has none.
    autograd::Variable& y;
    bool relu; ///< True if negative values of y become 0.
};

/// Records y = weights times x + biases, or max(0, that).
inline void record_plain(autograd::Graph& graph, const LayerRecording& layer) {
    graph.record<autograd::Linear>(layer.x, layer.weights, layer.biases, layer.form, layer.y, layer.relu);
}

/// What a network is recorded with beside its Spec. Ranges are checked when it is.
struct NetworkOptions {
    std::size_t batch = 64; ///< Largest number of samples of a batch.
    float label_smoothing = 0;
    float dropout = 0;              ///< Share of what every dense layer reads that is dropped in training, 0 <= x < 1.
    std::uint64_t dropout_seed = 1; ///< Seed of the dropout masks.
    float distillation = 0;         ///< Weight of the loss against a teacher's logits beside that against the labels.
    float temperature = 4;          ///< Temperature of the distillation.
    std::vector<float> class_weights = {}; ///< Weight of each class's samples in the losses; empty: all are 1.
    bool numbers = false; ///< Outputs are numbers and the loss is squared errors; smoothing, temperature and class
                          ///< weights then have no effect.
    std::size_t tree_steps = 0; ///< Training steps in which the paths of a tree are soft; 0: they are always hard.
    float tree_sharpness = 10;  ///< Sharpness at the end of these steps, above 0; it begins at 1.
    const std::vector<LayerGrids>* grids = nullptr; ///< One per layer: the form on grids. Null: the free form.
    bool keep_sums = false; ///< Layer::operation is ahead of the ReLU; otherwise layers clamp their sums in place.
    /// If set: records the operation of every layer, in place of record_plain().
    std::function<void(autograd::Graph&, const LayerRecording&)> record_operation = {};
};

namespace detail {

/// Throws Error for options that are out of range.
inline void check(const NetworkOptions& options, std::size_t layers) {
    if (options.batch < 1 || options.batch > 65536) throw Error(text("batch ", options.batch, " is not in 1..65536"));
    for (const auto& [name, value] :
         {std::pair("label smoothing", options.label_smoothing), {"dropout", options.dropout}})
        if (!(value >= 0 && value < 1)) throw Error(text(name, " ", value, " is not in 0..1, 1 excluded"));
    if (!(options.distillation >= 0 && std::isfinite(options.distillation)))
        throw Error(text("distillation ", options.distillation, " is not 0 or more"));
    if (!(options.temperature > 0 && std::isfinite(options.temperature)))
        throw Error(text("temperature ", options.temperature, " is not above 0"));
    if (!(options.tree_sharpness > 0 && std::isfinite(options.tree_sharpness)))
        throw Error(text("sharpness ", options.tree_sharpness, " of a tree is not above 0"));
    for (const float weight : options.class_weights)
        if (!(weight >= 0 && std::isfinite(weight))) throw Error(text("class weight ", weight, " is not 0 or more"));
    if (options.grids && options.grids->size() != layers)
        throw Error(text("there are grids for ", options.grids->size(), " layers, the network has ", layers));
}

} // namespace detail

/// A Spec with weights as a graph, for batches of a fixed size; it owns both.
class Network {
  public:
    /// What one layer of the Spec became. Pointers are null for missing parts.
    struct Layer {
        autograd::Parameter *weights = nullptr, *biases = nullptr;
        std::unique_ptr<autograd::BatchNormalisation> normalisation;
        autograd::Variable* operation = nullptr;  ///< Before normalisation and residual; see keep_sums for the ReLU.
                                                  ///< In a tree: the sums of all its rows.
        autograd::Variable* activation = nullptr; ///< Before pooling.
        autograd::Variable* output = nullptr;
    };

    /// Throws Error if shapes() does, and for options out of range.
    Network(const net::Spec& spec, const NetworkOptions& options)
        : spec_(spec), shapes_(net::shapes(spec)), options_((detail::check(options, spec.layers.size()), options)),
          graph_(options.batch) {
        options_.grids = nullptr; // read here only
        input_ = &graph_.variable(shapes_.picture, false);
        for (std::size_t i = 0; i < spec_.layers.size(); ++i)
            layers_.push_back(options.grids ? rounded_layer(i, (*options.grids)[i]) : free_layer(i));
        logits_ = nullptr;
        for (std::size_t i = 0; i < layers_.size(); ++i)
            if (net::is_output(spec_, i)) logits_ = logits_ ? &sum(*logits_, *layers_[i].output) : layers_[i].output;
        if (options.numbers)
            record_squares();
        else
            record_entropy();
        graph_.finish();
    }

    /// The Spec as it was given.
    const net::Spec& spec() const { return spec_; }
    /// Identifies this network. It expires with it, so a later network at the same address has another one.
    std::weak_ptr<const void> identity() const { return identity_; }
    /// Shapes of the picture and of all layers.
    const net::Shapes& shapes() const { return shapes_; }
    /// The options that it was recorded with, without the grids.
    const NetworkOptions& options() const { return options_; }
    /// The graph, to run it and to reach its parameters.
    autograd::Graph& graph() { return graph_; }
    /// The input after its conversion and downsampling, which a Loader fills.
    autograd::Variable& input() { return *input_; }
    /// Scores before the softmax, or numbers on the scale of their Quantity: one channel per output.
    autograd::Variable& logits() { return *logits_; }
    /// The loss against labels; only for networks whose outputs are classes.
    autograd::SoftmaxCrossEntropy& loss() { return *loss_; }
    /// The loss against numbers; null if the outputs are classes.
    autograd::SquaredError* squares() { return squares_; }
    /// Where to write the teacher's logits of a group. Only with options that ask for distillation.
    tensor::View teacher(std::size_t group) {
        return distillation_ ? distillation_->teacher(group) : taught_squares_->targets(group);
    }
    /// Sum of all losses of the last training step.
    double step_loss() const {
        double sum = loss_ ? loss_->loss() : squares_->loss();
        if (distillation_) sum += distillation_->loss();
        if (taught_squares_) sum += taught_squares_->loss();
        return sum;
    }
    /// Sets the training step of the next forward pass: dropout draws its masks by it, and a tree becomes sharper by
    /// the same factor in each step.
    void begin_step(std::uint64_t step) {
        for (autograd::Dropout* dropout : dropouts_) dropout->set_step(step);
        if (!tree_) return;
        const double progress = double(step) / double(std::max<std::size_t>(1, options_.tree_steps));
        tree_->set_sharpness(step < options_.tree_steps ? float(std::pow(double(options_.tree_sharpness), progress))
                                                        : autograd::TreeHead::hard);
    }
    /// One per layer of the Spec, for pruning, folding and calibration.
    std::vector<Layer>& layers() { return layers_; }

    /// He initialisation (He et al. 2015): normal with variance 2 / fan-in, or 1 / fan-in if no ReLU follows; biases 0.
    void initialise(std::uint64_t seed) {
        for (std::size_t i = 0; i < layers_.size(); ++i) {
            Random random(seed, "weights", i);
            const net::Layer& layer = spec_.layers[i];
            const double fan_in = double(net::weights(layer, shapes_.layers[i])) / net::weight_rows(layer);
            const double gain = layer.activation == net::Activation::relu ? 2.0 : 1.0;
            for (float& weight : layers_[i].weights->value) weight = float(random.normal() * std::sqrt(gain / fan_in));
        }
    }

  private:
    using Variable = autograd::Variable;

    void record_entropy() {
        const std::size_t classes = std::size_t(logits_->shape.channels);
        if (!options_.class_weights.empty() && options_.class_weights.size() != classes)
            throw Error(text("there are ", options_.class_weights.size(), " class weights for ", classes, " classes"));
        loss_ =
            &graph_.record<autograd::SoftmaxCrossEntropy>(*logits_, options_.label_smoothing, options_.class_weights);
        if (options_.distillation > 0)
            distillation_ =
                &graph_.record<autograd::Distillation>(*logits_, options_.distillation, options_.temperature, loss_);
    }
    void record_squares() {
        squares_ = &graph_.record<autograd::SquaredError>(*logits_);
        if (options_.distillation > 0)
            taught_squares_ = &graph_.record<autograd::SquaredError>(*logits_, options_.distillation);
    }

    Variable& source(int layer) { return layer == net::picture ? *input_ : *layers_[std::size_t(layer)].output; }

    Variable& sum(Variable& a, Variable& b, bool relu = false) {
        Variable& total = graph_.variable(a.shape);
        graph_.record<autograd::Sum>(a, b, total, relu);
        return total;
    }
    Variable& round(Variable& x, const autograd::Grid& grid) {
        Variable& y = graph_.variable(x.shape);
        graph_.record<autograd::Round>(x, grid, y);
        return y;
    }

    Variable& dropped(Variable& x, std::size_t index) {
        if (options_.dropout <= 0) return x;
        Variable& y = graph_.variable(x.shape, x.needs_gradient);
        dropouts_.push_back(&graph_.record<autograd::Dropout>(
            x, autograd::DropoutOptions{double(options_.dropout), options_.dropout_seed, std::uint32_t(index)}, y));
        return y;
    }

    /// Records weights, biases and the operation itself, in the same way for both forms.
    Layer operation(std::size_t index, bool has_bias, bool relu) {
        const net::Layer& spec = spec_.layers[index];
        const net::LayerShapes& shapes = shapes_.layers[index];
        Layer layer;
        layer.weights = &graph_.parameter(text("weights of layer ", index + 1), net::weights(spec, shapes));
        if (has_bias) layer.biases = &graph_.parameter(text("biases of layer ", index + 1), std::size_t(spec.outputs));
        Variable& x = spec.kind == net::Kind::dense ? dropped(source(spec.input), index) : source(spec.input);
        Variable& y = graph_.variable(net::is_tree(spec) ? net::Shape{net::weight_rows(spec), 1, 1} : shapes.operation);
        layer.operation = &y;
        const tensor::Window window = tensor::window_of(spec);
        // A window over all positions has one position: it is recorded as a dense layer, whose kernels are faster.
        const net::Kind kind = net::sums_over_all(spec, shapes) ? net::Kind::dense : spec.kind;
        const LayerRecording recording{index, {kind, window}, x, *layer.weights, layer.biases, y, relu};
        if (options_.record_operation)
            options_.record_operation(graph_, recording);
        else
            record_plain(graph_, recording);
        return layer;
    }

    /// Records the logits of a tree from the sums of its rows.
    Variable& tree(std::size_t index, Variable& sums, const autograd::Grid* score) {
        Variable& y = graph_.variable(shapes_.layers[index].out);
        tree_ = &graph_.record<autograd::TreeHead>(sums, spec_.layers[index].tree_depth, y, score);
        return y;
    }

    Layer free_layer(std::size_t index) {
        const net::Layer& spec = spec_.layers[index];
        const bool adds = spec.residual != net::none, relu = spec.activation == net::Activation::relu;
        const bool clamps = relu && !adds && !spec.batch_normalisation;
        const bool in_place = clamps && !options_.keep_sums;
        Layer layer = operation(index, !spec.batch_normalisation && !net::is_tree(spec), in_place);
        Variable* y = net::is_tree(spec) ? &tree(index, *layer.operation, nullptr) : layer.operation;
        if (spec.batch_normalisation) {
            const std::size_t channels = std::size_t(spec.outputs);
            autograd::Parameter& gamma = graph_.parameter(text("gamma of layer ", index + 1), channels);
            autograd::Parameter& beta = graph_.parameter(text("beta of layer ", index + 1), channels);
            Variable& normalised = graph_.variable(y->shape);
            layer.normalisation = autograd::batch_normalisation(graph_, *y, gamma, beta, relu && !adds, normalised);
            y = &normalised;
        }
        if (adds) y = &sum(*y, source(spec.residual), relu);
        if (clamps && !in_place) {
            Variable& positive = graph_.variable(y->shape);
            graph_.record<autograd::Relu>(*y, positive);
            y = &positive;
        }
        layer.activation = y;
        layer.output = &pooled(index, *y, nullptr);
        return layer;
    }

    Layer rounded_layer(std::size_t index, const LayerGrids& grids) {
        const net::Layer& spec = spec_.layers[index];
        Layer layer = operation(index, grids.has_bias, false);
        layer.weights->transform = rounding(grids.weights);
        if (layer.biases) layer.biases->transform = rounding(grids.biases);
        Variable* y = net::is_tree(spec) ? &tree(index, *layer.operation, &grids.own) : layer.operation;
        if (!net::is_output(spec_, index)) y = &round(*y, grids.own);
        if (spec.residual != net::none)
            y = &round(sum(round_to(*y, grids.output), round_to(source(spec.residual), grids.output)), grids.output);
        layer.activation = y;
        layer.output = &pooled(index, *y, &grids.average);
        return layer;
    }

    /// Rounds to the steps of a grid without limits: the rounding shift before a residual sum.
    Variable& round_to(Variable& x, autograd::Grid grid) {
        grid.low = -1024;
        grid.high = 1024;
        return round(x, grid);
    }

    static std::function<void(std::span<const float>, std::span<float>)> rounding(const autograd::Grid& grid) {
        return [grid](std::span<const float> value, std::span<float> used) {
            const float scale = std::ldexp(1.0f, grid.exponent), inverse = std::ldexp(1.0f, -grid.exponent);
            for (std::size_t i = 0; i < value.size(); ++i)
                used[i] = std::min(std::max(std::floor(value[i] * inverse + 0.5f), grid.low), grid.high) * scale;
        };
    }

    Variable& pooled(std::size_t index, Variable& x, const autograd::AverageRounding* rounding) {
        const net::Layer& spec = spec_.layers[index];
        if (spec.pooling == net::Pooling::none) return x;
        Variable& y = graph_.variable(shapes_.layers[index].out);
        const tensor::Pool pool{spec.pool_height, spec.pool_width};
        if (spec.pooling == net::Pooling::maximum)
            graph_.record<autograd::MaximumPool>(x, pool, y);
        else
            graph_.record<autograd::AveragePool>(x, pool, y, rounding);
        return y;
    }

    std::shared_ptr<const void> identity_ = std::make_shared<char>();
    net::Spec spec_;
    net::Shapes shapes_;
    NetworkOptions options_;
    autograd::Graph graph_;
    std::vector<Layer> layers_;
    Variable *input_ = nullptr, *logits_ = nullptr;
    autograd::SoftmaxCrossEntropy* loss_ = nullptr;
    autograd::Distillation* distillation_ = nullptr;
    autograd::SquaredError *squares_ = nullptr, *taught_squares_ = nullptr;
    std::vector<autograd::Dropout*> dropouts_;
    autograd::TreeHead* tree_ = nullptr;
};

} // namespace tinysparse::nn
