using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Webmail.MailCore.Data.Migrations;

/// <summary>Accounts, mailboxes, subscriptions and keywords.</summary>
[DbContext(typeof(MailDbContext))]
[Migration("20261124080003_MailboxVerbs")]
internal sealed class MailboxVerbs : SqlMigration;
