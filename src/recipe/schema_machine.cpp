// The machine and what is written down: precision, device, validation, checkpoint, logging.
#include "cram/recipe/load.h"

#include "section_builder.h"

namespace cram::recipe {

bool is_device(std::string_view text) {
  if (text == "auto" || text == "cpu" || text == "cuda") return true;
  if (!text.starts_with("cuda:")) return false;
  const std::string_view number = text.substr(5);
  return !number.empty() && number.size() <= 3 &&
         number.find_first_not_of("0123456789") == std::string_view::npos;
}

namespace {

constexpr int kMostThreads = 4096;
constexpr double kDay = 86400;

Condition may_be_fp16() {
  return {"precision.compute is fp16 or auto", {"precision.compute"}, [](const Recipe& recipe) {
            return recipe.precision.compute == PrecisionType::kFp16 ||
                   recipe.precision.compute == PrecisionType::kAuto;
          }};
}

Condition is_fp16() {
  return {"precision.compute is fp16", {"precision.compute"}, [](const Recipe& recipe) {
            return recipe.precision.compute == PrecisionType::kFp16;
          }};
}

constexpr TextForm kDevice = {"auto, cpu, cuda or cuda:N", "^(auto|cpu|cuda(:[0-9]{1,3})?)$",
                              is_device};

Section precision_section() {
  return SectionBuilder<Precision>("precision", {&Recipe::precision}, "the arithmetic")
      .add("compute", &Precision::compute, choice({"auto", "fp32", "bf16", "fp16"}),
           "number type of the passes through the model; auto: what the device is fastest at")
      .add("initial_loss_scale", &Precision::initial_loss_scale, number(Range::at_least(1)),
           "factor on the loss that keeps small fp16 gradients alive", may_be_fp16())
      .add("loss_scale_growth_interval", &Precision::loss_scale_growth_interval, count(1),
           "updates without overflow after which that factor doubles", may_be_fp16())
      .add("fp16_accumulation", &Precision::fp16_accumulation, flag(),
           "on GPUs, a layer's products add up in fp16, forward and towards its input: faster on "
           "GeForce cards, with fewer digits and up to 65,504; weights' gradients and the head in "
           "fp32",
           is_fp16())
      .build();
}

// A run of fine-tuning says by itself that it goes on on another device.
Section device_section(Purpose purpose) {
  const Decides decides = purpose == Purpose::kPretraining ? Decides::kResult : Decides::kNothing;
  return SectionBuilder<Device>("device", {&Recipe::device}, "where to train", decides)
      .add("type", &Device::type, text_like(kDevice), "auto prefers a GPU")
      .add("threads", &Device::threads, count(0, kMostThreads),
           "CPU threads of a training step; 0: all")
      .deciding(Decides::kNothing)
      .add("kernels", &Device::kernels, choice({"auto", "aten"}),
           "auto: our own, on a GPU those that are as exact as LibTorch's and faster there; aten: "
           "LibTorch's alone, and no CUDA graphs of whole passes")
      .add("recompute_activations", &Device::recompute_activations, flag(),
           "keep only what enters each layer and run it once more in the backward pass: less "
           "memory for about a quarter more time, the same numbers up to rounding; with dropout, "
           "no CUDA graphs")
      .deciding(Decides::kNothing)
      .build();
}

Section validation_section() {
  return SectionBuilder<Validation>("validation", {&Recipe::validation},
                                    "the loss on held-out documents", Decides::kNothing)
      .add("at", &Validation::at, list_of(number(Range::between(0, 1))),
           "shares of the budget at which it is measured, in rising order, 0 before the first "
           "update; []: only at the end")
      .add("tokens", &Validation::tokens, count(1), "measured on at most this many")
      .add("masking_rate", &Validation::masking_rate, number(Range::inside(0, 1)),
           "share of the positions that are predicted, the same masks each time")
      .build();
}

Section checkpoint_section() {
  return SectionBuilder<Checkpoint>("checkpoint", {&Recipe::checkpoint}, "saved states of the run",
                                    Decides::kNothing)
      .add("every", &Checkpoint::every, duration(Range::between(0.001, 30 * kDay)),
           "time between checkpoints; an interrupted run saves one more")
      .add("keep", &Checkpoint::keep, count(1, 1000), "checkpoints kept, the latest ones")
      .build();
}

Section logging_section() {
  return SectionBuilder<Logging>("logging", {&Recipe::logging}, "what is written down on the way",
                                 Decides::kNothing)
      .add("every", &Logging::every, duration(Range::between(0.001, kDay)),
           "time between progress records")
      .add("tensorboard", &Logging::tensorboard, flag(), "write TensorBoard files too")
      .build();
}

}  // namespace

std::vector<Section> machine_sections(Purpose purpose) {
  std::vector<Section> sections = {precision_section(), device_section(purpose)};
  if (purpose == Purpose::kPretraining) sections.push_back(validation_section());
  sections.push_back(checkpoint_section());
  sections.push_back(logging_section());
  return sections;
}

}  // namespace cram::recipe
