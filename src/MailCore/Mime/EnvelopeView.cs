using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Webmail.MailCore.Mime;

/// <summary>A person in an address field as people read it. <paramref name="Address"/> is empty for what stands in no form of an address.</summary>
/// <param name="Name">Decoded; empty when there is none.</param>
public sealed record MailPerson(string Name, string Address)
{
    private static readonly SearchValues<char> Specials = SearchValues.Create("()<>[]:;@\\,.\"");

    /// <summary>What a list shows: the name, or else the address.</summary>
    public string Short => Name.Length > 0 ? Name : Address;

    /// <summary>"Name &lt;address&gt;", the name quoted where a parser would otherwise stumble.</summary>
    public override string ToString() => Name.Length == 0
        ? Address
        : Name.AsSpan().ContainsAny(Specials)
            ? $"\"{Name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\" <{Address}>"
            : $"{Name} <{Address}>";
}

/// <summary>
/// The stored envelope (IMAP's wire form, <see cref="Store.MessageRow.Envelope"/>) as people read it: encoded words decoded, no control characters,
/// every field bounded. Groups are taken apart into their members.
/// </summary>
public sealed record EnvelopeView(
    string Date,
    string Subject,
    IReadOnlyList<MailPerson> From,
    IReadOnlyList<MailPerson> Sender,
    IReadOnlyList<MailPerson> ReplyTo,
    IReadOnlyList<MailPerson> To,
    IReadOnlyList<MailPerson> Cc,
    IReadOnlyList<MailPerson> Bcc,
    string InReplyTo,
    string MessageId)
{
    private const int MaxText = 2_000;

    /// <summary>Never throws: where the octets are not the form that we write, the rest is empty.</summary>
    public static EnvelopeView Read(ReadOnlySpan<byte> envelope)
    {
        var reader = new Reader(envelope);
        reader.Open();
        return new(
            Text(reader.NString()), Text(reader.NString()), reader.People(), reader.People(), reader.People(), reader.People(), reader.People(),
            reader.People(), Text(reader.NString()), Text(reader.NString()));
    }

    private static string Text(string? latin1)
    {
        if (string.IsNullOrEmpty(latin1))
            return "";
        var decoded = Charsets.DecodeHeader(latin1.Length > 4 * MaxText ? latin1[..(4 * MaxText)] : latin1);
        var clean = new StringBuilder(Math.Min(decoded.Length, MaxText));
        foreach (var c in decoded)
        {
            if (clean.Length == MaxText)
                break;
            // Direction overrides would let a name or subject pose as another.
            if (c is '\t' or '\r' or '\n')
                clean.Append(' ');
            else if (!char.IsControl(c) && c is not (>= '\u202a' and <= '\u202e') and not (>= '\u2066' and <= '\u2069'))
                clean.Append(c);
        }

        return clean.ToString().Trim();
    }

    /// <summary>Reads exactly what EnvelopeWriter writes; anything else yields nulls.</summary>
    private ref struct Reader(ReadOnlySpan<byte> octets)
    {
        private ReadOnlySpan<byte> _rest = octets;

        public bool Open() => Take((byte)'(');

        public string? NString()
        {
            Take((byte)' ');
            if (_rest.IsEmpty)
                return null;
            if (_rest[0] == '"')
                return Quoted();
            if (_rest[0] == '{')
                return Literal();
            if (_rest.StartsWith("NIL"u8))
                _rest = _rest[3..];
            return null;
        }

        public List<MailPerson> People()
        {
            var people = new List<MailPerson>();
            Take((byte)' ');
            if (!Open())
            {
                NString();
                return people;
            }

            while (Open())
            {
                var (name, _, mailbox, host) = (NString(), NString(), NString(), NString());
                Take((byte)')');
                if (host is not null)
                    people.Add(new(Text(name), Text($"{mailbox}@{host}")));
            }

            Take((byte)')');
            return people;
        }

        private string? Quoted()
        {
            var text = new StringBuilder();
            for (var i = 1; i < _rest.Length; i++)
            {
                if (_rest[i] == '"')
                {
                    _rest = _rest[(i + 1)..];
                    return text.ToString();
                }

                if (_rest[i] == '\\' && i + 1 < _rest.Length)
                    i++;
                text.Append((char)_rest[i]);
            }

            _rest = [];
            return null;
        }

        private string? Literal()
        {
            if (!Utf8Parser.TryParse(_rest[1..], out int length, out var digits) || length < 0)
                return null;
            var start = 1 + digits + 3; // "}\r\n"
            if (start > _rest.Length || length > _rest.Length - start)
            {
                _rest = [];
                return null;
            }

            var text = Encoding.Latin1.GetString(_rest.Slice(start, length));
            _rest = _rest[(start + length)..];
            return text;
        }

        private bool Take(byte octet)
        {
            if (_rest.IsEmpty || _rest[0] != octet)
                return false;
            _rest = _rest[1..];
            return true;
        }
    }
}
