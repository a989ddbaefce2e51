// cram doctor: what this machine and this build are, to paste into a bug report.
#include <cstdio>

#include "cram/base/file.h"
#include "cram/base/units.h"
#include "cram/train/build_info.h"
#include "cram/train/device.h"
#include "cram/train/kernel_choice.h"

#include "command.h"

namespace cram::tool {
namespace {

void print(const std::string& name, const std::string& value) {
  std::printf("%-22s %s\n", name.c_str(), value.c_str());
}

int run(const recipe::Device& wanted) {
  for (const auto& [name, value] : train::build_info()) print(name, value);
  for (const std::string& line : train::describe_devices()) print("device", line);
  const recipe::Recipe recipe;
  const train::DeviceChoice device = train::choose_device(wanted);
  print("chosen device", device.name + " (" + device.reason + ")");
  const train::PrecisionChoice precision =
      train::choose_precision(recipe.precision, recipe.model, 4096, device.device);
  print("chosen precision",
        std::string(c10::toString(precision.type)) + " (" + precision.reason + ")");
  constexpr std::int64_t kTokens = 32768;
  const train::KernelChoice kernels = train::choose_kernels(
      wanted, {recipe.model, {recipe.sequence.length, recipe.tokenizer.vocab_size}, kTokens},
      {device.device, precision.type});
  for (const std::string& line : kernels.lines()) print("GPU kernel", line);
  print("free disk here", format_bytes(static_cast<std::int64_t>(free_disk_bytes("."))));
  return 0;
}

}  // namespace

void add_doctor(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand(
      "doctor",
      "Show what was found (processor, GPU, memory, libraries, speeds) for a bug report.");
  auto device = std::make_shared<recipe::Device>();
  add_device_option(*command, *device);
  command->callback([device, &action] { action = [device] { return run(*device); }; });
}

}  // namespace cram::tool
