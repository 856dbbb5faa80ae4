using System.CommandLine;

namespace Webmail.Web.Cli;

/// <summary>A command whose --help ends in examples to copy.</summary>
internal sealed class TaughtCommand(string name, string description, params string[] examples) : Command(name, description)
{
    /// <summary>Without the program's name.</summary>
    public IReadOnlyList<string> Examples { get; } = examples;
}
