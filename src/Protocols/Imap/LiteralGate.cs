using Webmail.MailCore.Model;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap;

/// <summary>Decides about announced literals by what their command is: who may send messages, and how long other literals may be.</summary>
internal sealed class LiteralGate(ImapSession session) : ILiteralGate
{
    public LiteralVerdict Judge(ReadOnlySpan<byte> commandSoFar, in LiteralHeader literal)
    {
        CommandEntry entry;
        ReadOnlySpan<byte> arguments;
        try
        {
            var reader = new ImapReader(commandSoFar, null, session.Rules);
            reader.Tag();
            reader.Space();
            entry = ImapCommands.Table.Find(ref reader);
            reader.Space();
            arguments = reader.Remaining[..^literal.HeaderLength];
        }
        catch (SyntaxException e)
        {
            return new(Reply.Bad(e.Message, e.Code), null);
        }

        if (entry.Refusal(session) is { } refusal)
            return new(refusal, null);
        if (!literal.IsSynchronizing && session.Rules.Lacks("LITERAL+"))
            return new(Reply.Bad("Non-synchronizing literals are not taken here"), null);
        var isMessage = entry.Verb.IsMessage(arguments);
        if (literal.IsBinary && !entry.Verb.TakesBinary && (!isMessage || session.Rules.Lacks("APPEND LITERAL8")))
            return new(Reply.Bad("Binary literals are not taken here"), null);
        if (!isMessage)
            return new(literal.Length > entry.Verb.MaxLiteral ? entry.Verb.TooLong : null, null);
        var limit = session.Settings.Limits.MessageSize;
        if (literal.Length > uint.MaxValue || (limit > 0 && literal.Length > limit))
            return new(Reply.No("The message is too large", Code.TooBig), null);
        return new(null, session.Mail!.Blobs.Begin());
    }
}
