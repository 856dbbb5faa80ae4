using System.Collections.Frozen;

namespace Webmail.Protocols.Smtp;

/// <summary>The commands of a protocol by verb, each with the state that it needs.</summary>
internal sealed class CommandTable
{
    private delegate ValueTask<SmtpReply> Runner(SmtpSession session, ReadOnlySpan<byte> arguments, CancellationToken ct);

    private static readonly SmtpReply GreetFirst = SmtpReply.Of(503, "5.5.1", "Say EHLO first");
    private static readonly SmtpReply MailFirst = SmtpReply.Of(503, "5.5.1", "Say MAIL FROM first");
    private static readonly SmtpReply Unknown = SmtpReply.Of(500, "5.5.1", "No such command");

    private readonly Dictionary<string, Runner> _runners = new(StringComparer.Ordinal);
    private FrozenDictionary<string, Runner>? _frozen;

    /// <summary>The verbs in the order of the table.</summary>
    public List<string> Verbs { get; } = [];

    /// <summary>The types that implement them.</summary>
    public List<Type> Types { get; } = [];

    public CommandTable AnyTime<T>()
        where T : IAnyTimeCommand<T> =>
        Add(typeof(T), T.Verb, static (session, arguments, ct) => Parse<T>(arguments).RunAsync(session, ct));

    public CommandTable Greeted<T>()
        where T : IGreetedCommand<T> =>
        Add(typeof(T), T.Verb, static (session, arguments, ct) =>
            session.IsGreeted ? Parse<T>(arguments).RunAsync(session, ct) : new(GreetFirst));

    public CommandTable InTransaction<T>()
        where T : ITransactionCommand<T> =>
        Add(typeof(T), T.Verb, static (session, arguments, ct) =>
            !session.IsGreeted ? new(GreetFirst)
            : session.Transaction is { } transaction ? Parse<T>(arguments).RunAsync(session, transaction, ct)
            : new(MailFirst));

    /// <summary>Runs one line.</summary>
    /// <exception cref="SmtpSyntaxException">with the reply to send</exception>
    public ValueTask<SmtpReply> RunAsync(SmtpSession session, ReadOnlySpan<byte> line, out string? verb, CancellationToken ct)
    {
        _frozen ??= _runners.ToFrozenDictionary(StringComparer.Ordinal);
        var reader = new SmtpReader(line);
        verb = reader.Verb();
        return verb is not null && _frozen.TryGetValue(verb, out var run) ? run(session, line[verb.Length..], ct) : new(Unknown);
    }

    private static T Parse<T>(ReadOnlySpan<byte> arguments)
        where T : ISmtpVerb<T>
    {
        var reader = new SmtpReader(arguments);
        return T.Parse(ref reader);
    }

    private CommandTable Add(Type type, string verb, Runner runner)
    {
        _runners.Add(verb, runner);
        Verbs.Add(verb);
        Types.Add(type);
        return this;
    }
}
