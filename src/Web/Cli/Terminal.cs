namespace Webmail.Web.Cli;

/// <summary>The one place that touches the console. Standard input is read as octets: mail has no encoding of its own.</summary>
internal sealed class Terminal(TextWriter output, TextWriter error, Func<Stream> input)
{
    public static Terminal Console { get; } = new(System.Console.Out, System.Console.Error, System.Console.OpenStandardInput);

    public TextWriter Output { get; } = output;

    public TextWriter Error { get; } = error;

    public Stream OpenInput() => input();

    /// <summary>A person is at the other end of standard error: progress may be drawn.</summary>
    public bool ShowsProgress => ReferenceEquals(this, Console) && !System.Console.IsErrorRedirected;
}
