using Webmail.MailCore.Store.Search;
using Webmail.Protocols.Imap.Search;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap.Commands;

internal sealed record ThreadName(string Name, ThreadAlgorithm Algorithm);

/// <summary>THREAD and UID THREAD (RFC 5256 section 3).</summary>
internal sealed record Thread(ThreadAlgorithm Algorithm, SearchProgram Program) : ISelectedCommand<Thread>
{
    private static readonly NameTable<ThreadName> Algorithms = new(
        [
            new("ORDEREDSUBJECT", ThreadAlgorithm.OrderedSubject),
            new("REFERENCES", ThreadAlgorithm.References),
            new("REFS", ThreadAlgorithm.Refs),
        ],
        static name => name.Name, "THREAD");

    public static Verb Verb { get; } = new("THREAD")
    {
        HasUidForm = true,
        HoldsExpunges = true,
        Capability = string.Join(' ', Algorithms.All.Select(static name => "THREAD=" + name.Name)),
    };

    public static Thread Parse(ref ImapReader r)
    {
        r.Space();
        var name = Algorithms.Find(r.Name(), r.Rules) ?? throw new SyntaxException("There is no such algorithm");
        r.Space();
        return new(name.Algorithm, SearchProgram.Parse(ref r, charsetIsNeeded: true));
    }

    public async ValueTask<Reply> RunAsync(ImapSession session, SelectedMailbox box, CancellationToken ct)
    {
        if (Program.Key is null)
            return SearchProgram.UnknownCharset;
        var found = await Program.RunAsync(session, box, ct);
        var threads = await session.WaitAsync((_, token) => box.Mail.Messages.ThreadAsync(found.Newest, found.Uids, Algorithm, token), ct, isReading: true);
        var writer = session.Out;
        writer.IsMidLine = true;
        writer.Raw("* THREAD"u8);
        if (threads.Count > 0)
            writer.Raw(" "u8);
        var number = (MailCore.Model.Uid uid) => session.IsUidCommand ? uid.Value : (uint)box.View.PositionOf(uid) + 1;
        foreach (var thread in threads)
        {
            Write(writer, thread, number);
            await writer.FlushIfLargeAsync(ct);
        }

        writer.Raw("\r\n"u8);
        writer.IsMidLine = false;
        return Reply.Ok("Threaded");
    }

    /// <summary>"(3 6 (4 23)(44 7 96))": a chain as it is, children that are several each in parentheses. Without recursion: a thread may be very deep.</summary>
    private static void Write(ImapWriter writer, ThreadNode thread, Func<MailCore.Model.Uid, uint> number)
    {
        // Null: a parenthesis to close.
        var waiting = new Stack<(ThreadNode? Node, bool Opens)>();
        waiting.Push((thread, true));
        while (waiting.TryPop(out var next))
        {
            if (next.Node is not { } node)
            {
                writer.Raw(")"u8);
                continue;
            }

            if (next.Opens)
            {
                writer.Raw("("u8);
                waiting.Push((null, false));
            }
            else
            {
                writer.Raw(" "u8);
            }

            if (node.Message is { } uid)
                writer.Number(number(uid));
            if (node.Children is [var only])
            {
                waiting.Push((only, false));
                continue;
            }

            if (node.Message is not null && node.Children.Count > 0)
                writer.Raw(" "u8);
            for (var i = node.Children.Count - 1; i >= 0; i--)
                waiting.Push((node.Children[i], true));
        }
    }
}
