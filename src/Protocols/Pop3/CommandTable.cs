namespace Webmail.Protocols.Pop3;

internal delegate object ParseCommand(ref Pop3Reader reader);

/// <summary>A command in its table. The state that it needs is checked here and nowhere else.</summary>
internal sealed record CommandEntry(
    Type Type, Verb Verb, Func<Pop3Session, Pop3Reply?> Refusal, ParseCommand Parse, Func<Pop3Session, object, CancellationToken, ValueTask<Pop3Reply>> Run);

/// <summary>The commands by name, with the states in which they are allowed.</summary>
internal sealed class CommandTable
{
    private static readonly Pop3Reply LogInFirst = Pop3Reply.Err("Log in first");
    private static readonly Pop3Reply LoggedIn = Pop3Reply.Err("You are logged in already");

    private readonly List<CommandEntry> _entries = [];
    private readonly Dictionary<string, CommandEntry> _byName = new(StringComparer.Ordinal);

    public IReadOnlyList<CommandEntry> Entries => _entries;

    /// <param name="name">In upper case.</param>
    public CommandEntry? Find(string name) => _byName.GetValueOrDefault(name);

    public CommandTable AnyState<T>()
        where T : class, IAnyStateCommand<T> =>
        Add<T>(_ => null, (session, command, ct) => ((T)command).RunAsync(session, ct));

    public CommandTable Authorization<T>()
        where T : class, IAuthorizationCommand<T> =>
        Add<T>(session => session.Maildrop is null ? null : LoggedIn, (session, command, ct) => ((T)command).RunAsync(session, ct));

    public CommandTable Transaction<T>()
        where T : class, ITransactionCommand<T> =>
        Add<T>(session => session.Maildrop is null ? LogInFirst : null, (session, command, ct) => ((T)command).RunAsync(session.Maildrop!, ct));

    private CommandTable Add<T>(Func<Pop3Session, Pop3Reply?> refusal, Func<Pop3Session, object, CancellationToken, ValueTask<Pop3Reply>> run)
        where T : class, IPop3Command<T>
    {
        var entry = new CommandEntry(typeof(T), T.Verb, refusal, (ref Pop3Reader r) => T.Parse(ref r), run);
        _entries.Add(entry);
        _byName.Add(T.Verb.Name, entry);
        return this;
    }
}
