using System.Text;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap;

internal delegate object ParseCommand(ref ImapReader reader);

/// <summary>A command in its table: the state it needs is checked here and nowhere else.</summary>
internal sealed class CommandEntry(
    Type type, Verb verb, Func<ImapSession, Reply?> refuses, ParseCommand parse, Func<ImapSession, object, CancellationToken, ValueTask<Reply>> run)
{
    public Type Type { get; } = type;

    public Verb Verb { get; } = verb;

    /// <summary>It is for clients with a mailbox selected.</summary>
    public bool NeedsSelected { get; init; }

    /// <summary>BAD where the state isn't right; null: go on.</summary>
    public Reply? Refusal(ImapSession session) => refuses(session);

    public object Parse(ref ImapReader reader) => parse(ref reader);

    public ValueTask<Reply> RunAsync(ImapSession session, object command, CancellationToken ct) => run(session, command, ct);
}

/// <summary>The commands of the protocol with the states in which they are allowed.</summary>
internal sealed class CommandTable
{
    private static readonly Reply NotLoggedIn = Reply.Bad("Log in first");
    private static readonly Reply LoggedIn = Reply.Bad("You are logged in already");
    private static readonly Reply NothingSelected = Reply.Bad("No mailbox is selected");

    private readonly List<CommandEntry> _entries = [];
    private NameTable<CommandEntry>? _byName;

    public IReadOnlyList<CommandEntry> Entries => _entries;

    public CommandTable AnyState<T>()
        where T : class, IAnyStateCommand<T> =>
        Add<T>(static _ => null, static (session, command, ct) => ((T)command).RunAsync(session, ct));

    public CommandTable Anonymous<T>()
        where T : class, IAnonymousCommand<T> =>
        Add<T>(static session => session.Mail is null ? null : LoggedIn, static (session, command, ct) => ((T)command).RunAsync(session, ct));

    public CommandTable Authenticated<T>()
        where T : class, IAuthenticatedCommand<T> =>
        Add<T>(
            static session => session.Mail is null ? NotLoggedIn : null,
            static (session, command, ct) => ((T)command).RunAsync(session, session.Mail!, ct));

    public CommandTable Selected<T>()
        where T : class, ISelectedCommand<T> =>
        Add<T>(
            static session => session.Mail is null ? NotLoggedIn : session.Selected is null ? NothingSelected : null,
            static (session, command, ct) => ((T)command).RunAsync(session, session.Selected!, ct),
            needsSelected: true);

    /// <summary>
    /// Takes the verb (with its UID prefix) off the command and says whose it is. The reader stands at the arguments then.
    /// </summary>
    /// <exception cref="SyntaxException">There is no such command.</exception>
    public CommandEntry Find(ref ImapReader reader)
    {
        var table = _byName ??= new(_entries, static e => e.Verb.Name);
        var isUid = false;
        var name = reader.Atom();
        if (Ascii.EqualsIgnoreCase(name, "UID"u8) && reader.Take(' '))
        {
            isUid = true;
            name = reader.Atom();
        }

        reader.IsUid = isUid;
        if (table.Find(name) is not { } entry || (isUid && !entry.Verb.HasUidForm))
            throw new SyntaxException("There is no such command");
        if (reader.Rules.Lacks(entry.Verb.Name) || (isUid && reader.Rules.Lacks("UID " + entry.Verb.Name)))
            throw new SyntaxException("There is no such command");

        // RFC 9586 section 3: whoever holds expunges back answers with message numbers.
        return reader.Rules.IsUidOnly && !isUid && entry.Verb.HoldsExpunges ? throw ImapReader.UidRequired() : entry;
    }

    private CommandTable Add<T>(
        Func<ImapSession, Reply?> refuses, Func<ImapSession, object, CancellationToken, ValueTask<Reply>> run, bool needsSelected = false)
        where T : class, IImapCommand<T>
    {
        _entries.Add(new(typeof(T), T.Verb, refuses, static (ref ImapReader r) => T.Parse(ref r), run) { NeedsSelected = needsSelected });
        return this;
    }
}
